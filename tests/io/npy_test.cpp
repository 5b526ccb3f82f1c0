// .npy signals: every dtype, both orders, either byte order, any number of axes.
#include "io/npy.h"

#include "io/files.h"
#include "io/open.h"

namespace papilio::io {
namespace {

using Rows = std::vector<std::vector<double>>;

Rows read_npy(const std::string& bytes, const OpenOptions& options = {},
              const std::vector<std::int64_t>& chunks = {2, 3}) {
  const TempFolder folder;
  return drain(*open_signal(folder.write("x.npy", bytes), options), chunks);
}

template <typename T>
void expect_type(const std::string& type, DType dtype) {
  const std::vector<T> values{T(1), T(2), T(3), T(4), T(5), T(6)};
  const Rows expected{{1, 2, 3}, {4, 5, 6}};
  const TempFolder folder;
  const std::string width = std::to_string(sizeof(T));
  for (const bool big : {false, true}) {
    const std::string descr = (big ? ">" : "<") + type + width;
    const std::string data = big ? reversed(raw(values), sizeof(T)) : raw(values);
    const auto reader = open_signal(folder.write("x.npy", npy_of(descr, false, "(2, 3)", data)));
    EXPECT_EQ(reader->info().dtype, dtype) << descr;
    EXPECT_EQ(drain(*reader, {2}), expected) << descr;
  }
}

TEST(Npy, EveryRealTypeInEitherByteOrder) {
  expect_type<float>("f", DType::f32);
  expect_type<double>("f", DType::f64);
  expect_type<std::int8_t>("i", DType::i8);
  expect_type<std::uint8_t>("u", DType::u8);
  expect_type<std::int16_t>("i", DType::i16);
  expect_type<std::uint16_t>("u", DType::u16);
  expect_type<std::int32_t>("i", DType::i32);
}

TEST(Npy, WideIntegersAreReadWhereTheyAreAskedFor) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  OpenOptions options;
  options.wide_integers = true;
  const std::vector<std::int64_t> values{0, -3, 7, kMost, -kMost, 12};
  const auto most = static_cast<double>(kMost);
  const Rows expected{{0, -3, 7}, {most, -most, 12}};
  EXPECT_EQ(read_npy(npy_of("<i8", false, "(2, 3)", raw(values)), options), expected);
  EXPECT_EQ(read_npy(npy_of(">i8", false, "(2, 3)", reversed(raw(values), 8)), options), expected);
  const Rows columns{{0, 7, -most}, {-3, most, 12}};
  EXPECT_EQ(read_npy(npy_of("<i8", true, "(2, 3)", raw(values)), options), columns);
  for (const std::int64_t large : {kMost + 1, -kMost - 1}) {
    const std::string file = npy_of("<i8", false, "(2, 2)", raw(std::vector{1L, 2L, 3L, large}));
    try {
      read_npy(file, options);
      ADD_FAILURE() << "was accepted: " << large;
    } catch (const UserError& error) {
      const std::string what = error.what();
      EXPECT_NE(what.find("row 1 holds the integer " + std::to_string(large)), std::string::npos)
          << what;
    }
  }
}

TEST(Npy, ComplexPartsAreSwappedOneByOne) {
  const std::vector<std::complex<float>> values{{1, 2}, {3, -4}};
  const Rows expected{{1, 2, 3, -4}};
  EXPECT_EQ(read_npy(npy_of("<c8", false, "(2,)", raw(values))), expected);
  EXPECT_EQ(read_npy(npy_of(">c8", false, "(2,)", reversed(raw(values), 4))), expected);
  const std::vector<std::complex<double>> wide{{1, 2}, {3, -4}};
  EXPECT_EQ(read_npy(npy_of(">c16", false, "(2,)", reversed(raw(wide), 8))), expected);
}

TEST(Npy, FortranOrderGivesTheSameRows) {
  // Element [i][j] of a 2 x 3 array is 10 i + j; Fortran order runs down the columns.
  const std::vector<float> values{0, 10, 1, 11, 2, 12};
  const Rows expected{{0, 1, 2}, {10, 11, 12}};
  EXPECT_EQ(read_npy(npy_of("<f4", true, "(2, 3)", raw(values))), expected);
}

TEST(Npy, LeadingAxesAreFlattenedInCOrderWhateverTheFileOrder) {
  std::vector<std::int16_t> c_order;
  std::vector<std::int16_t> fortran(2 * 3 * 4);
  Rows expected;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 3; ++j) {
      expected.emplace_back();
      for (int t = 0; t < 4; ++t) {
        const int value = 100 * i + 10 * j + t;
        c_order.push_back(static_cast<std::int16_t>(value));
        fortran[static_cast<std::size_t>(i + 2 * j + 6 * t)] = static_cast<std::int16_t>(value);
        expected.back().push_back(value);
      }
    }
  }
  EXPECT_EQ(read_npy(npy_of("<i2", false, "(2, 3, 4)", raw(c_order))), expected);
  EXPECT_EQ(read_npy(npy_of("<i2", true, "(2, 3, 4)", raw(fortran))), expected);
  const TempFolder folder;
  const auto reader =
      open_signal(folder.write("x.npy", npy_of("<i2", true, "(2, 3, 4)", raw(fortran))));
  EXPECT_EQ(reader->info().leading_axes, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(reader->info().rows, 6);
  EXPECT_EQ(reader->info().names[5], "ch5");
}

TEST(Npy, AnyAxisCanBeTime) {
  std::vector<float> values(2 * 3 * 4);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  OpenOptions middle;
  middle.time_axis = 1;
  const Rows rows = read_npy(npy_of("<f4", false, "(2, 3, 4)", raw(values)), middle);
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows[0], (std::vector<double>{0, 4, 8}));
  EXPECT_EQ(rows[7], (std::vector<double>{15, 19, 23}));
  OpenOptions first;
  first.time_axis = 0;
  EXPECT_EQ(read_npy(npy_of("<f4", false, "(2, 3, 4)", raw(values)), first)[11],
            (std::vector<double>{11, 23}));
  OpenOptions absent;
  absent.time_axis = 3;
  expect_parts(
      message_of([&] { read_npy(npy_of("<f4", false, "(2, 3, 4)", raw(values)), absent); }),
      {"[io]", "3 axes", "--time-axis 3"});
}

TEST(Npy, OneAxisIsOneRow) {
  const TempFolder folder;
  const std::vector<float> values{1, 2, 3};
  const auto reader = open_signal(folder.write("x.npy", npy_of("<f4", false, "(3,)", raw(values))));
  EXPECT_EQ(reader->info().rows, 1);
  EXPECT_EQ(reader->info().leading_axes, (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(reader->info().fs.has_value());
}

TEST(Npy, OddDataOffsetIsReadThroughACopy) {
  // A header padded to an odd length leaves the floats unaligned; sanitizers would tell.
  const std::vector<double> values{1.5, -2.5, 3.5};
  for (const std::string pad : {"", " ", "  ", "   "}) {
    const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}" + pad;
    EXPECT_EQ(read_npy(npy(header, raw(values))), (Rows{{1.5, -2.5, 3.5}}));
  }
}

TEST(Npy, SamplesDoNotDependOnChunksAndSeekGoesAnywhere) {
  std::vector<float> values(5 * 101);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * i % 977);
  const TempFolder folder;
  for (const bool fortran : {false, true}) {
    for (const char* order : {"<f4", ">f4"}) {
      const std::string path =
          folder.write("x.npy", npy_of(order, fortran, "(5, 101)", raw(values)));
      const Rows whole = drain(*open_signal(path), {101});
      for (const std::vector<std::int64_t>& chunks :
           {std::vector<std::int64_t>{1}, {7}, {3, 50, 1, 17}, {100000}}) {
        const auto reader = open_signal(path);
        const Rows pieces = drain(*reader, chunks);
        EXPECT_EQ(std::memcmp(pieces[4].data(), whole[4].data(), 101 * sizeof(double)), 0);
        reader->seek(60);
        const Rows tail = drain(*reader, chunks);
        EXPECT_EQ(tail[2], std::vector<double>(whole[2].begin() + 60, whole[2].end()));
      }
    }
  }
}

TEST(Npy, WhatLooksTransposedIsAsked) {
  const std::string bytes = npy_of("<f4", false, "(100, 8)", raw(std::vector<float>(800)));
  OpenOptions options;
  options.check_orientation = true;
  expect_parts(message_of([&] { read_npy(bytes, options); }),
               {"100 rows", "8 samples", "--time-axis 0", "--time-axis -1"});
  options.time_axis = 0;
  EXPECT_EQ(read_npy(bytes, options).size(), 8u);
  options.time_axis = -1;
  EXPECT_EQ(read_npy(bytes, options).size(), 100u);
  OpenOptions unasked;
  EXPECT_EQ(read_npy(bytes, unasked).size(), 100u);
}

TEST(Npy, OrientationIsNotAskedForLongRowsOrMoreAxes) {
  OpenOptions options;
  options.check_orientation = true;
  EXPECT_EQ(
      read_npy(npy_of("<f4", false, "(100, 64)", raw(std::vector<float>(6400))), options).size(),
      100u);
  EXPECT_EQ(
      read_npy(npy_of("<f4", false, "(10, 10, 8)", raw(std::vector<float>(800))), options).size(),
      100u);
  EXPECT_EQ(read_npy(npy_of("<f4", false, "(8, 8)", raw(std::vector<float>(64))), options).size(),
            8u);
}

}  // namespace
}  // namespace papilio::io
