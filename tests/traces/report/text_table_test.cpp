// SPDX-License-Identifier: MIT
#include "traces/report/text_table.h"

#include <sstream>

#include "tests/support/catch.h"
#include "traces/report/durations.h"

using namespace gpusim;
using namespace gpusim::trace;

namespace {

std::string text_of(const TextTable& table, const PageForm& form) {
  std::ostringstream out;
  table.write(out, form);
  return out.str();
}

TextTable example() {
  TextTable table;
  table.end_in_text();
  table.add({"client", "jobs", "latency", "went to"});
  table.add({"a-very-long-name-indeed", "12", "505.109 us", "work 80%"});
  table.add({"b", "3", "-", "credit 5%"});
  return table;
}

std::string paragraph(const std::string& text, std::size_t width) {
  std::ostringstream out;
  write_paragraph(out, text, {.width = width});
  return out.str();
}

}  // namespace

TEST_CASE("a table that is too wide is cut in its names first") {
  CHECK(text_of(example(), {}) ==
        "client                   jobs     latency  went to\n"
        "a-very-long-name-indeed    12  505.109 us  work 80%\n"
        "b                           3           -  credit 5%\n");
  CHECK(text_of(example(), {.width = 45}) ==
        "client            jobs     latency  went to\n"
        "a-very-l…-indeed    12  505.109 us  work 80%\n"
        "b                    3           -  credit 5%\n");
}

TEST_CASE("columns that do not fit follow below, with the names once more") {
  CHECK(text_of(example(), {.width = 40}) ==
        "client         jobs     latency\n"
        "a-very…indeed    12  505.109 us\n"
        "b                 3           -\n"
        "\n"
        "client         went to\n"
        "a-very…indeed  work 80%\n"
        "b              credit 5%\n");
}

TEST_CASE("names that are cut still look different, and later parts of a table leave out what is empty") {
  TextTable table;
  table.add({"metric", "one", "two", "and more"});
  table.add({"client.aaa.latency_p50", "1111111111", "2222222222", ""});
  table.add({"client.aaa.latency_p99", "3333333333", "4444444444", "5"});
  table.add({"client.bbb.latency_p99", "6666666666", "7777777777", ""});
  CHECK(text_of(table, {.width = 36}) ==
        "metric                   one\n"
        "client.a…ncy_p50  1111111111\n"
        "client.a…ncy_p99  3333333333\n"
        "client.b…ncy_p99  6666666666\n"
        "\n"
        "metric                   two\n"
        "client.a…ncy_p50  2222222222\n"
        "client.a…ncy_p99  4444444444\n"
        "client.b…ncy_p99  7777777777\n"
        "\n"
        "metric            and more\n"
        "client.a…ncy_p99         5\n");
  // A last column of which no row has anything is no part at all.
  TextTable empty;
  empty.add({"client.aaa.latency_p50", "1111111111", "head of nothing"});
  empty.add({"client.aaa.latency_p99", "3333333333", ""});
  CHECK(text_of(empty, {.width = 34}).find("head of nothing") == std::string::npos);
}

TEST_CASE("a table in Markdown says how its columns are aligned") {
  CHECK(text_of(example(), {.width = 40, .is_coloured = true, .is_markdown = true}) ==
        "| client | jobs | latency | went to |\n"
        "|---|---:|---:|---|\n"
        "| a-very-long-name-indeed | 12 | 505.109 us | work 80% |\n"
        "| b | 3 | - | credit 5% |\n");
}

TEST_CASE("an alarm is red where there are colours, and moves nothing") {
  TextTable table;
  table.add({"name", "failed"});
  table.add({"x", "3"});
  table.alarm();
  table.append({"end"});
  CHECK(text_of(table, {}) == "name  failed\nx          3  end\n");
  CHECK(text_of(table, {.is_coloured = true}) == "name  failed\nx          \033[31m3\033[0m  end\n");
  CHECK(alarming("worse", {}) == "worse");
  CHECK(alarming("worse", {.is_coloured = true}) == "\033[31mworse\033[0m");
}

TEST_CASE("a paragraph is broken at blanks, and a word is never broken") {
  CHECK(paragraph("one two three four", 0) == "one two three four\n");
  CHECK(paragraph("one two three four", 9) == "one two\n  three\n  four\n");
  CHECK(paragraph("aaaaaaaaaaaaaaaa b", 9) == "aaaaaaaaaaaaaaaa\n  b\n");
  CHECK(paragraph("a\xc3\xa9 b\xc3\xa9", 5) == "a\xc3\xa9 b\xc3\xa9\n");
  CHECK(paragraph("a \033[31mbad\033[0m b", 7) == "a \033[31mbad\033[0m b\n");
}

TEST_CASE("durations of one column have one unit, in which the smallest of them still shows") {
  DurationColumn column;
  column.add(350'000'000);
  column.add(4'700'000'000);
  column.add_none();
  column.add(0);
  CHECK(column.texts() == std::vector<std::string>{"0.350 ms", "4.700 ms", "-", "0"});
  column.add(300'000);  // 300 ns
  CHECK(column.texts() == std::vector<std::string>{"350.000 us", "4700.000 us", "-", "0", "0.300 us"});
  DurationColumn known;
  known.add(500'695'039, 524'288);  // known to half a microsecond
  known.add(1'999'999, 0);
  CHECK(known.texts() == std::vector<std::string>{"501 us", "2.000 us"});
}
