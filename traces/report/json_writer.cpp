// SPDX-License-Identifier: MIT
#include "traces/report/json_writer.h"

namespace gpusim::trace {
namespace {

void write_string(std::ostream& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out << '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (c == '\n') {
      out << "\\n";
    } else if (byte < 0x20) {
      out << "\\u00" << kHex[byte >> 4] << kHex[byte & 0xf];
    } else {
      out << c;
    }
  }
  out << '"';
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  write_string(out_, name);
  out_ << ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  write_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::number_text(std::string_view text) {
  separate();
  out_ << text;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ << bracket;
  empty_.push_back(true);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  const bool was_empty = empty_.back();
  empty_.pop_back();
  if (!was_empty) new_line();
  out_ << bracket;
  if (empty_.empty()) out_ << '\n';
  return *this;
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (empty_.empty()) return;
  if (!empty_.back()) out_ << ',';
  empty_.back() = false;
  new_line();
}

void JsonWriter::new_line() { out_ << '\n' << std::string(2 * empty_.size(), ' '); }

void write_build(JsonWriter& json, const BuildInfo& build) {
  if (build.version.empty()) return;
  json.key("build").begin_object();
  json.key("version").value(build.version);
  json.key("compiler").value(build.compiler);
  json.key("build_type").value(build.build_type);
  json.end_object();
}

}  // namespace gpusim::trace
