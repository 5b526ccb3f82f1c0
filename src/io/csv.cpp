// CSV tables: one pass over the text, numbers by std::from_chars (the locale plays no part).
#include "io/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "io/mapped_file.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

struct Cell {
  std::string_view raw;  // without blanks around it; quotes stripped
  bool quoted = false;
};

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// A cell as a message shows it: short, and no control characters.
std::string shown(std::string_view cell) {
  std::string text(cell.substr(0, 24));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  }
  return "'" + text + (cell.size() > 24 ? "...'" : "'");
}

enum class Number { ok, text, range };

Number parse_number(std::string_view cell, double& value) {
  if (!cell.empty() && cell.front() == '+') {
    cell.remove_prefix(1);
    if (!cell.empty() && cell.front() == '-') return Number::text;
  }
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) return Number::range;
  return error == std::errc() && stop == end ? Number::ok : Number::text;
}

bool is_number(const Cell& cell) {
  double ignored = 0.0;
  return !cell.quoted && parse_number(cell.raw, ignored) != Number::text;
}

bool is_time(const Cell& cell) {
  return cell.raw == "time" || cell.raw == "t" || cell.raw == "time_s";
}

// Cuts the text into lines of cells.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    // Empty lines at the end hold nothing.
    while (!text_.empty() && std::strchr("\r\n \t", text_.back()) && text_.back() != '\0') {
      const std::size_t line = text_.find_last_of('\n');
      if (line == std::string_view::npos || !trim_line(text_.substr(line + 1)).empty()) break;
      text_ = text_.substr(0, line);
    }
  }

  bool empty() const { return trim_line(text_).empty(); }
  std::int64_t line() const { return line_; }

  [[noreturn]] void fail(std::size_t column, const std::string& why) const {
    throw UserError("[io] " + name_ + ", line " + std::to_string(line_) + ", column " +
                    std::to_string(column + 1) + ": " + why);
  }
  [[noreturn]] void fail_line(const std::string& why) const {
    throw UserError("[io] " + name_ + ", line " + std::to_string(line_) + ": " + why);
  }

  // A tab, else a semicolon (which files with decimal commas use), else a comma.
  char detect_delimiter() const {
    std::array<bool, 256> seen{};
    bool inside = false;
    for (const char c : text_) {
      if (c == '"') inside = !inside;
      if (inside) continue;
      if (c == '\n') break;
      seen[static_cast<unsigned char>(c)] = true;
    }
    for (const char candidate : {'\t', ';'}) {
      if (seen[static_cast<unsigned char>(candidate)]) return candidate;
    }
    return ',';
  }

  // The next line's cells; false at the end.
  bool next(char delimiter, std::vector<Cell>& cells) {
    cells.clear();
    if (done_) return false;
    line_ += lines_inside_ + 1;
    lines_inside_ = 0;
    while (true) {
      cells.push_back(take_cell(delimiter, cells.size()));
      if (at_ >= text_.size()) {
        done_ = true;
        return true;
      }
      if (text_[at_++] == '\n') return true;
    }
  }

 private:
  static std::string_view trim_line(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    return trim(line);
  }

  // Leaves at_ on the delimiter or line feed behind the cell, or at the end of the text.
  Cell take_cell(char delimiter, std::size_t column) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return take_quoted(delimiter, column);
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != delimiter && text_[at_] != '\n') ++at_;
    std::string_view raw = text_.substr(begin, at_ - begin);
    const bool ends_line = at_ >= text_.size() || text_[at_] == '\n';
    if (ends_line && !raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
    return {trim(raw), false};
  }

  Cell take_quoted(char delimiter, std::size_t column) {
    const std::size_t begin = ++at_;
    std::size_t close = begin;
    while (true) {
      close = text_.find('"', close);
      if (close == std::string_view::npos) fail(column, "a quote is not closed; close it");
      if (close + 1 >= text_.size() || text_[close + 1] != '"') break;
      close += 2;
    }
    const std::string_view raw = text_.substr(begin, close - begin);
    lines_inside_ += std::count(raw.begin(), raw.end(), '\n');
    at_ = close + 1;
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\r')) ++at_;
    if (at_ < text_.size() && text_[at_] != delimiter && text_[at_] != '\n') {
      fail(column, "text after a closing quote; quote the whole cell");
    }
    return {raw, true};
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;
  std::int64_t lines_inside_ = 0;
  bool done_ = false;
};

std::string header_name(const Cell& cell, std::size_t column) {
  if (cell.raw.empty()) return "ch" + std::to_string(column);
  std::string name;
  for (std::size_t i = 0; i < cell.raw.size(); ++i) {
    name += cell.raw[i];
    if (cell.quoted && cell.raw[i] == '"') ++i;  // "" stands for one quote
  }
  return name;
}

// True when the first line names the columns, false when it is data already.
bool is_header(const Scanner& scanner, const std::vector<Cell>& cells) {
  std::size_t numbers = 0;
  std::size_t names = 0;
  std::size_t odd = 0;  // a name among numbers
  bool timed = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    timed |= is_time(cells[i]);
    if (is_number(cells[i])) {
      ++numbers;
    } else if (!cells[i].raw.empty()) {
      ++names;
      odd = i;
    }
  }
  if (numbers == 0) return names > 0 || cells.size() > 1;
  if (names == 0) return false;
  // Columns may be called 1, 2, 3; a table with a time column shows that this is a header.
  if (!timed) {
    scanner.fail(odd, shown(cells[odd].raw) +
                          " is not a number, but its neighbours are; put the names of a header "
                          "in quotes, or correct the cell");
  }
  return true;
}

double to_number(const Scanner& scanner, const Cell& cell, std::size_t column) {
  double value = 0.0;
  switch (parse_number(trim(cell.raw), value)) {
    case Number::ok:
      return value;
    case Number::range:
      scanner.fail(column, shown(cell.raw) + " is beyond the range of a double");
    case Number::text:
      break;
  }
  if (cell.raw.empty()) scanner.fail(column, "the cell is empty; write nan for a missing value");
  const bool comma = cell.raw.find(',') != std::string_view::npos;
  scanner.fail(column, shown(cell.raw) + " is not a number" +
                           (comma ? "; write decimals with a point" : "; correct the cell"));
}

// Collects steps of the time column without keeping it.
class TimeColumn {
 public:
  void add(const Scanner& scanner, std::size_t column, double value) {
    if (!std::isfinite(value)) scanner.fail(column, "the time is not finite; correct it");
    if (count_ == 0) first_ = value;
    if (count_ > 0) {
      const double step = value - last_;
      if (!(step > 0.0)) scanner.fail(column, "time does not increase; sort the lines");
      if (count_ == 1 || step < shortest_) shortest_ = step;
      if (count_ == 1 || step > longest_) {
        longest_ = step;
        longest_line_ = scanner.line();
      }
    }
    last_ = value;
    ++count_;
  }

  std::optional<double> rate(const std::string& name) const {
    if (count_ < 2) return std::nullopt;
    const double step = (last_ - first_) / static_cast<double>(count_ - 1);
    constexpr double tolerance = 1e-4;
    if (longest_ - step > tolerance * step || step - shortest_ > tolerance * step) {
      throw UserError("[io] " + name + ": the time column is not uniform (steps from " +
                      base::to_text(shortest_) + " to " + base::to_text(longest_) +
                      " s, the longest before line " + std::to_string(longest_line_) +
                      "); resample it to a fixed rate, or rename the column and give --fs HZ");
    }
    const double rate = 1.0 / step;
    if (!std::isfinite(rate)) {
      throw UserError("[io] " + name + ": the steps of the time column are too short for a rate");
    }
    // Times are written with few digits: 999.99999 Hz means 1000 Hz.
    const double whole = std::round(rate);
    return std::abs(rate - whole) <= 1e-6 * rate && whole >= 1.0 ? whole : rate;
  }

 private:
  std::int64_t count_ = 0;
  double first_ = 0.0;
  double last_ = 0.0;
  double shortest_ = 0.0;
  double longest_ = 0.0;
  std::int64_t longest_line_ = 0;
};

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

// Names of the data columns into `table`; returns the time column.
std::size_t take_header(const Scanner& scanner, const std::vector<Cell>& cells, CsvTable& table) {
  std::size_t time = kNoColumn;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_time(cells[i])) {
      if (time != kNoColumn) scanner.fail(i, "a second time column; rename one of them");
      time = i;
    } else {
      table.names.push_back(header_name(cells[i], table.names.size()));
    }
  }
  return time;
}

class CsvReader : public SignalReader {
 public:
  CsvReader(CsvTable table, const std::string& path) : table_(std::move(table)) {
    info_.path = path;
    info_.kind = "csv";
    info_.rows = static_cast<std::int64_t>(table_.names.size());
    info_.samples = table_.lines;
    info_.fs = table_.fs;
    info_.dtype = DType::f64;
    info_.names = table_.names;
    info_.leading_axes = {info_.rows};
  }

  std::int64_t read(std::int64_t max_samples, Block& out) override {
    const std::int64_t count = std::clamp<std::int64_t>(max_samples, 0, info_.samples - position_);
    out.view = base::TensorView();
    out.view.data = table_.values.data() + position_ * info_.rows;
    out.view.dtype = DType::f64;
    out.view.rank = 2;
    out.view.shape = {info_.rows, count};
    out.view.byte_strides = {sizeof(double), info_.rows * std::int64_t{sizeof(double)}};
    out.start = position_;
    position_ += count;
    return count;
  }

  void seek(std::int64_t sample) override {
    position_ = std::clamp<std::int64_t>(sample, 0, info_.samples);
  }

 private:
  CsvTable table_;
  std::int64_t position_ = 0;
};

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& name, char delimiter) {
  Scanner scanner(text, name);
  if (scanner.empty()) throw UserError("[io] " + name + " holds no cells; export it again");
  const char cut = delimiter == 0 ? scanner.detect_delimiter() : delimiter;
  CsvTable table;
  std::vector<Cell> cells;
  scanner.next(cut, cells);
  const std::size_t columns = cells.size();
  std::size_t time = kNoColumn;
  bool more = true;
  if (is_header(scanner, cells)) {
    time = take_header(scanner, cells, table);
    more = scanner.next(cut, cells);
  } else {
    table.names = default_names(static_cast<std::int64_t>(columns));
  }
  if (table.names.empty()) {
    throw UserError("[io] " + name + " holds only a time column; add a column of samples");
  }
  TimeColumn times;
  for (; more; more = scanner.next(cut, cells)) {
    if (cells.size() != columns) {
      scanner.fail_line("has " + std::to_string(cells.size()) + " cells where line 1 has " +
                        std::to_string(columns) + "; give every line the same, or --delimiter");
    }
    for (std::size_t i = 0; i < columns; ++i) {
      const double value = to_number(scanner, cells[i], i);
      if (i != time) table.values.push_back(value);
      if (i == time) times.add(scanner, i, value);
    }
    ++table.lines;
  }
  if (table.lines == 0) {
    throw UserError("[io] " + name + " holds a header but no samples; export it again");
  }
  if (time != kNoColumn) table.fs = times.rate(name);
  return table;
}

ReaderPtr open_csv(const std::string& path, const OpenOptions& options) {
  const MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::make_unique<CsvReader>(parse_csv(text, path, options.delimiter), path);
}

}  // namespace papilio::io
