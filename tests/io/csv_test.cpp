// CSV tables: names, time columns, delimiters, and errors with line and column.
#include "io/csv.h"

#include <clocale>
#include <cmath>
#include <limits>

#include "io/files.h"

namespace papilio::io {
namespace {

CsvTable parse(const std::string& text, char delimiter = 0) {
  return parse_csv(text, "x.csv", delimiter);
}
std::string refusal(const std::string& text, char delimiter = 0) {
  const std::string message = message_of([&] { parse(text, delimiter); });
  expect_parts(message, {"[io] x.csv"});
  return message;
}
using Names = std::vector<std::string>;
using Values = std::vector<double>;

TEST(Csv, ColumnsAreRowsAndHeadersAreNames) {
  const TempFolder folder;
  const auto reader = open_signal(folder.write("x.csv", "left,right\n1,10\n2,20\n3,30\n"));
  EXPECT_EQ(reader->info().names, (Names{"left", "right"}));
  EXPECT_EQ(reader->info().dtype, DType::f64);
  EXPECT_EQ(reader->info().samples, 3);
  EXPECT_EQ(drain(*reader, {2}), (std::vector<Values>{{1, 2, 3}, {10, 20, 30}}));
  reader->seek(2);
  EXPECT_EQ(drain(*reader, {1}), (std::vector<Values>{{3}, {30}}));
}

TEST(Csv, WithoutHeaderTheFirstLineIsData) {
  const CsvTable table = parse("1,2\n3,4");
  EXPECT_EQ(table.names, (Names{"ch0", "ch1"}));
  EXPECT_EQ(table.values, (Values{1, 2, 3, 4}));
}

TEST(Csv, TimeColumnGivesTheRateAndIsNoData) {
  for (const char* name : {"time", "t", "time_s"}) {
    const CsvTable table =
        parse(std::string("a,") + name + ",b\n1,0.000,2\n3,0.004,4\n5,0.008,6\n");
    EXPECT_EQ(table.names, (Names{"a", "b"}));
    EXPECT_EQ(table.fs, 250.0);
    EXPECT_EQ(table.values, (Values{1, 2, 3, 4, 5, 6}));
  }
  EXPECT_EQ(parse("t,a\n5,1\n7,1\n9,1\n").fs, 0.5);
  EXPECT_FALSE(parse("t,a\n5,1\n").fs.has_value());
  EXPECT_FALSE(parse("a\n1\n2\n").fs.has_value());
}

TEST(Csv, TimeMustBeUniformToOneInTenThousand) {
  EXPECT_EQ(parse("t,a\n0,1\n1.00005,1\n2,1\n").fs, 1.0);
  expect_parts(refusal("t,a\n0,1\n1.0002,1\n2,1\n"), {"not uniform", "before line 3", "--fs"});
  expect_parts(refusal("t,a\n0,1\n1,1\n3,1\n"), {"not uniform", "from 1 to 2", "before line 4"});
  expect_parts(refusal("t,a\n0,1\n1,1\n1,1\n"), {"line 4, column 1", "does not increase"});
  expect_parts(refusal("t,a\n0,1\nnan,1\n"), {"line 3, column 1", "not finite"});
  expect_parts(refusal("t,time\n0,1\n"), {"line 1, column 2", "second time column"});
  expect_parts(refusal("t\n0\n1\n"), {"only a time column"});
}

TEST(Csv, DelimitersAreDetectedOrGiven) {
  const Values expected{1, 2, 3, 4};
  EXPECT_EQ(parse("1,2\n3,4\n").values, expected);
  EXPECT_EQ(parse("1;2\n3;4\n").values, expected);
  EXPECT_EQ(parse("1\t2\n3\t4\n").values, expected);
  EXPECT_EQ(parse("1|2\n3|4\n", '|').values, expected);
  EXPECT_EQ(parse("\"a;b\",c\n1,2\n3,4\n").names, (Names{"a;b", "c"}));
  EXPECT_EQ(parse("1\n2\n3\n").lines, 3);
  expect_parts(refusal("a;b\n0,5;1,5\n"), {"line 2, column 1", "'0,5'", "with a point"});
}

TEST(Csv, MarksLineEndsBlanksAndQuotesAreUnderstood) {
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "a,b\r\n1,2\r\n")
                .names,
            (Names{"a", "b"}));
  EXPECT_EQ(parse("a,b\r\n1,2\r\n\r\n\n  \n").values, (Values{1, 2}));
  EXPECT_EQ(parse(" a , b \n 1 ,\t2 \n").values, (Values{1, 2}));
  EXPECT_EQ(parse("\"say \"\"hi\"\"\",b\n\"1.5\",2\n").names, (Names{"say \"hi\"", "b"}));
  EXPECT_EQ(parse("\"two\nlines\",b\n1,2\n").names, (Names{"two\nlines", "b"}));
  EXPECT_EQ(parse("\"1\",\"2\"\n5,6\n").names, (Names{"1", "2"}));
  EXPECT_EQ(parse("time,1,2\n0,5,6\n1,7,8\n").names, (Names{"1", "2"}));
  EXPECT_EQ(parse("a,,c\n1,2,3\n").names, (Names{"a", "ch1", "c"}));
}

TEST(Csv, NumbersAreReadExactlyWhateverTheLocale) {
  const char* previous = std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
  const CsvTable table = parse("0.1,-1e-3,+2.5E2,nan,inf,-inf\n");
  if (previous != nullptr) std::setlocale(LC_NUMERIC, "C");
  EXPECT_EQ(table.values[0], 0.1);
  EXPECT_EQ(table.values[1], -1e-3);
  EXPECT_EQ(table.values[2], 250.0);
  EXPECT_TRUE(std::isnan(table.values[3]));
  EXPECT_EQ(table.values[4], std::numeric_limits<double>::infinity());
  EXPECT_EQ(table.values[5], -std::numeric_limits<double>::infinity());
}

TEST(Csv, BadCellsAreNamedByLineAndColumn) {
  expect_parts(refusal("a,b\n1,2\n3,x4\n"), {"line 3, column 2", "'x4'", "not a number"});
  expect_parts(refusal("a,b\n1,\n"), {"line 2, column 2", "empty", "nan"});
  expect_parts(refusal("\"a\n\n\",b\n1,2\n1,oops\n"), {"line 5, column 2"});
  expect_parts(refusal("1,2\n# note,4\n"), {"line 2, column 1", "'# note'"});
  expect_parts(refusal("1,1e999\n"), {"line 1, column 2", "range"});
  expect_parts(refusal("1,abc,3\n4,5,6\n"), {"line 1, column 2", "'abc'", "quotes"});
  expect_parts(refusal("1,0x10\n"), {"line 1, column 2"});
  expect_parts(refusal("a\n+-1\n"), {"line 2, column 1"});
  expect_parts(refusal("a,b\n1,\"2\n"), {"line 2, column 2", "not closed"});
  expect_parts(refusal("a,b\n1,\"2\"3\n"), {"line 2, column 2", "after a closing quote"});
  EXPECT_EQ(refusal("a\n" + std::string(9000, 'z') + "\n").find(std::string(30, 'z')),
            std::string::npos);
}

TEST(Csv, RaggedAndEmptyTablesAreRefused) {
  expect_parts(refusal("a,b\n1,2\n3\n"), {"line 3", "1 cells", "2"});
  expect_parts(refusal("1,2\n3,4,5\n"), {"line 2", "3 cells"});
  expect_parts(refusal("1,2\n\n3,4\n"), {"line 2", "1 cells"});
  expect_parts(refusal("a,b\n"), {"header but no samples"});
  expect_parts(refusal("\n\n"), {"no cells"});
  expect_parts(refusal("\xEF\xBB\xBF"), {"no cells"});
  expect_parts(refusal(std::string("1\n\0\n", 4)), {"line 2, column 1", "'?'"});
}

}  // namespace
}  // namespace papilio::io
