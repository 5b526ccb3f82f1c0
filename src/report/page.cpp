/// Fills the page's template: texts escaped and clipped, charts as JSON, and a content security
/// policy that lets nothing run but the embedded scripts, by their hashes.
#include "report/page.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "papilio/error.h"
#include "report/assets.h"
#include "report/payload.h"
#include "report/text.h"

namespace papilio::report {

namespace {

constexpr std::size_t kEntries = 64;
constexpr std::size_t kKeyCharacters = 60;
constexpr std::size_t kValueCharacters = 400;
constexpr std::size_t kNotes = 32;
constexpr std::size_t kNoteCharacters = 600;
constexpr std::size_t kDefinitionCharacters = 40'000;
constexpr std::size_t kTableBytes = 500'000;
constexpr std::size_t kTables = 8;
constexpr std::size_t kTableColumns = 32;
constexpr std::size_t kCellCharacters = 120;

std::string safe(std::string_view text, std::size_t characters_max) {
  return escape(clean(text, characters_max));
}

std::string entries_html(const std::vector<Entry>& entries) {
  std::string html;
  const std::size_t shown = std::min(entries.size(), kEntries);
  for (std::size_t i = 0; i < shown; ++i) {
    html += "<div><dt>" + safe(entries[i].key, kKeyCharacters) + "</dt><dd>" +
            safe(entries[i].value, kValueCharacters) + "</dd></div>\n";
  }
  return html;
}

std::string notes_html(const std::vector<std::string>& own, const std::vector<std::string>& made) {
  std::string html;
  const auto add = [&](const std::string& note, const char* kind) {
    html += std::string("<p class=\"note ") + kind + "\">" + safe(note, kNoteCharacters) + "</p>\n";
  };
  for (std::size_t i = 0; i < std::min(own.size(), kNotes); ++i) add(own[i], "warning");
  if (own.size() > kNotes) {
    add("and " + std::to_string(own.size() - kNotes) + " further notes", "warning");
  }
  for (const std::string& note : made) add(note, "information");
  return html;
}

std::string row_html(const Table& table, const TableRow& row) {
  std::string html = "<tr";
  if (row.channel >= 0) html += " data-channel=\"" + std::to_string(row.channel) + "\"";
  html += ">";
  const std::size_t columns = std::min({table.columns.size(), row.cells.size(), kTableColumns});
  for (std::size_t i = 0; i < columns; ++i) {
    html += table.columns[i].numeric ? "<td class=\"number\">" : "<td>";
    html += safe(row.cells[i], kCellCharacters) + "</td>";
  }
  return html + "</tr>\n";
}

std::string table_html(const Table& table, std::size_t bytes_max) {
  std::string html = "<section class=\"card\"><h2>" + safe(table.title, kCellCharacters) +
                     "</h2>\n<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>";
  const std::size_t columns = std::min(table.columns.size(), kTableColumns);
  for (std::size_t i = 0; i < columns; ++i) {
    html += table.columns[i].numeric ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">";
    html += safe(table.columns[i].name, kKeyCharacters) + "</th>";
  }
  html += "</tr></thead>\n<tbody>\n";
  std::size_t shown = 0;
  for (; shown < table.rows.size(); ++shown) {
    const std::string row = row_html(table, table.rows[shown]);
    if (html.size() + row.size() > bytes_max) break;
    html += row;
  }
  html += "</tbody></table></div>\n";
  if (shown < table.rows.size()) {
    html += "<p class=\"caption\">Reduced for this page: the first " + std::to_string(shown) +
            " of " + std::to_string(table.rows.size()) + " rows.</p>\n";
  }
  return html + "</section>\n";
}

std::string tables_html(const std::vector<Table>& tables) {
  const std::size_t count = std::min(tables.size(), kTables);
  std::string html;
  for (std::size_t i = 0; i < count; ++i) html += table_html(tables[i], kTableBytes / count);
  return html;
}

/// A titled list or text, or nothing at all when it is empty.
std::string section(const std::string& title, const std::string& body) {
  if (body.empty()) return "";
  return "<section class=\"card\"><h2>" + title + "</h2>\n" + body + "</section>\n";
}

std::string list_section(const std::string& title, const std::vector<Entry>& entries) {
  if (entries.empty()) return "";
  return section(title, "<dl class=\"facts\">\n" + entries_html(entries) + "</dl>\n");
}

std::string policy() {
  const auto hash = [](std::string_view sha256) {
    return " 'sha256-" + base64_of_hex(sha256) + "'";
  };
  return "default-src 'none'; script-src" + hash(assets::kUplotJsSha256) +
         hash(assets::kPageJsSha256) + "; style-src" + hash(assets::kUplotCssSha256) +
         hash(assets::kPageCssSha256) + "; img-src data:; base-uri 'none'; form-action 'none'";
}

}  // namespace

std::string render(const FeaturePage& page) {
  const Payload payload = make_payload(page.channels);
  std::string definition;
  if (!page.definition.empty()) {
    definition = "<pre tabindex=\"0\">" + safe(page.definition, kDefinitionCharacters) + "</pre>\n";
  }
  const std::string input = safe(page.input, kValueCharacters);
  const std::string title = safe(page.title, kValueCharacters);
  const std::map<std::string, std::string> values{
      {"policy", policy()},
      {"tab_title", input.empty() ? title : title + " - " + input},
      {"uplot_css", std::string(assets::kUplotCss)},
      {"page_css", std::string(assets::kPageCss)},
      {"title", title},
      {"input", input},
      {"subtitle", safe(page.subtitle, kValueCharacters)},
      {"notes", notes_html(page.notes, payload.notes)},
      {"facts", page.facts.empty()
                    ? ""
                    : "<dl class=\"facts card\">\n" + entries_html(page.facts) + "</dl>\n"},
      {"tables", tables_html(page.tables)},
      {"definition", section("Definition", definition)},
      {"machine", list_section("Machine", page.machine)},
      {"uplot_version", std::string(assets::kUplotVersion)},
      {"uplot_licence", escape(assets::kUplotLicence)},
      {"payload", escape_json(payload.json)},
      {"uplot_js", std::string(assets::kUplotJs)},
      {"page_js", std::string(assets::kPageJs)},
  };
  std::string html = fill(assets::kPageHtml, values);
  if (html.size() > kPageBytes) throw InternalError("[report] the page outgrew its bound");
  return html;
}

}  // namespace papilio::report
