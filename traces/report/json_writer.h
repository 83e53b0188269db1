// SPDX-License-Identifier: MIT
// Writes JSON, indented by two spaces, in the order in which it is told. It checks nothing: the caller opens and closes
// in pairs and gives a key before each value inside an object. Strings are taken as UTF-8.
#pragma once

#include <concepts>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/build_info.h"

namespace gpusim::trace {

class JsonWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_{out} {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(std::integral auto number) { return number_text(std::to_string(number)); }
  JsonWriter& value(bool flag) { return number_text(flag ? "true" : "false"); }
  /// An array of strings.
  JsonWriter& value(const std::vector<std::string>& texts) {
    begin_array();
    for (const std::string& text : texts) value(text);
    return end_array();
  }
  JsonWriter& null() { return number_text("null"); }
  /// `text` is a word of JSON already: for decimals and integers beyond 64 bits.
  JsonWriter& number_text(std::string_view text);

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void new_line();

  std::ostream& out_;
  std::vector<bool> empty_;  ///< for each open bracket: nothing inside yet
  bool after_key_ = false;
};

/// The key "build" with what is known of it; nothing if nothing is.
void write_build(JsonWriter& json, const BuildInfo& build);

}  // namespace gpusim::trace
