// SPDX-License-Identifier: MIT
// What comments, parameters and documents name as their sources, held against docs/reference/: its registry of public
// sources, the kernel files and commits that its pages name, the headings of all documents.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gpusim::test {

/// What a text may name.
struct Sources {
  std::set<std::string, std::less<>> keys;                             ///< of the registry
  std::set<std::string, std::less<>> files;                            ///< base names, of the repository's files too
  std::set<std::string, std::less<>> commits;                          ///< as the pages write them
  std::map<std::string, std::set<std::string>, std::less<>> headings;  ///< by document, from the repository's root
};

[[nodiscard]] Sources read_sources();

/// The source text of a value with `tag`: S, D, M, W and C have to begin with keys ("xe, panthor: what is read there").
/// Gives what is wrong with it.
[[nodiscard]] std::vector<std::string> wrong_in_tag(const Sources& known, char tag, std::string_view text);

/// A comment, or the text of a document: documents with their headings, kernel files, commits, kernel versions.
/// `file` is where it stands. Gives what is wrong with it.
[[nodiscard]] std::vector<std::string> wrong_in_text(const Sources& known, const std::string& file,
                                                     const std::string& text);

/// The cell of a table of facts that names its sources.
[[nodiscard]] std::vector<std::string> wrong_in_cell(const Sources& known, const std::string& cell);

struct Block {
  std::string where;  ///< "file:line: "
  std::string text;
};
/// Comments of a source file, those of neighbouring lines joined; of a document, each line.
[[nodiscard]] std::vector<Block> blocks_of(const std::string& file);

/// Cells of a row of a Markdown table, trimmed; empty if the line is none.
[[nodiscard]] std::vector<std::string> cells_of(const std::string& line);

/// The anchor that GitHub and GitLab give a heading.
[[nodiscard]] std::string anchor_of(const std::string& heading);

}  // namespace gpusim::test
