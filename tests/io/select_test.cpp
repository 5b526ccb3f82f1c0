// The selected part of a signal: channels, mono, start, duration, scale.
#include "io/select.h"

#include "io/files.h"
#include "io/open.h"

namespace papilio::io {
namespace {

using Rows = std::vector<std::vector<double>>;

// Five channels of 20 samples at 10 Hz: value 100 * channel + sample.
class Select : public testing::Test {
 protected:
  Select() {
    std::string text = "a,b,c,d-1,e\n";
    for (int i = 0; i < 20; ++i) {
      for (int c = 0; c < 5; ++c) text += std::to_string(100 * c + i) + (c < 4 ? "," : "\n");
    }
    path_ = folder_.write("x.csv", text);
  }
  ReaderPtr open(InputOptions options) {
    if (!options.fs) options.fs = 10.0;
    return open_input(path_, options);
  }
  std::vector<std::int64_t> rows_of(const std::string& list) {
    return parse_channels(list, open_signal(path_)->info());
  }

  TempFolder folder_;
  std::string path_;
};

TEST_F(Select, ChannelsByNumberRangeAndName) {
  using List = std::vector<std::int64_t>;
  EXPECT_EQ(rows_of(""), (List{0, 1, 2, 3, 4}));
  EXPECT_EQ(rows_of("0,2-4"), (List{0, 2, 3, 4}));
  EXPECT_EQ(rows_of("e,b"), (List{4, 1}));
  EXPECT_EQ(rows_of("d-1,3"), (List{3, 3}));
}

TEST_F(Select, UnknownChannelsSayWhatThereIs) {
  const auto refusal = [&](const std::string& list) { return message_of([&] { rows_of(list); }); };
  expect_parts(refusal("5"), {"[io]", "no channel 5", "0 to 4"});
  expect_parts(refusal("1-9"), {"1-9"});
  expect_parts(refusal("d-2"), {"'d-2'", "did you mean d-1?"});
  expect_parts(refusal("3-1"), {"backwards"});
  expect_parts(refusal("0,,1"), {"''"});
  expect_parts(refusal("99999999999999999999"), {"no channel"});
  SignalInfo twins;
  twins.rows = 2;
  twins.names = {"x", "x"};
  expect_parts(message_of([&] { parse_channels("x", twins); }), {"several", "number"});
}

TEST_F(Select, EvenAndUnevenRowsDeliverTheSameSamples) {
  for (const char* list : {"1", "0,2,4", "4,2,0", "0,1,4", "3,3"}) {
    InputOptions options;
    options.channels = list;
    const auto reader = open(options);
    const std::vector<std::int64_t> rows = rows_of(list);
    const Rows values = drain(*reader, {3});
    ASSERT_EQ(values.size(), rows.size()) << list;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(values[i][0], 100.0 * static_cast<double>(rows[i])) << list;
      EXPECT_EQ(values[i][19], 100.0 * static_cast<double>(rows[i]) + 19) << list;
    }
    EXPECT_EQ(reader->info().leading_axes[0], static_cast<std::int64_t>(rows.size()));
  }
}

TEST_F(Select, StartAndDurationAreSeconds) {
  InputOptions options;
  options.start = 0.5;
  options.duration = 0.7;
  const auto reader = open(options);
  EXPECT_EQ(reader->info().samples, 7);
  EXPECT_EQ(reader->info().first_sample, 5);
  EXPECT_EQ(drain(*reader, {2})[0], (std::vector<double>{5, 6, 7, 8, 9, 10, 11}));
  reader->seek(5);
  EXPECT_EQ(drain(*reader, {2})[1], (std::vector<double>{110, 111}));
  options.duration = 100.0;
  EXPECT_EQ(open(options)->info().samples, 15);
}

TEST_F(Select, AbsurdTimesAreRefused) {
  const auto refusal = [&](double start, double duration) {
    InputOptions options;
    options.start = start;
    options.duration = duration;
    return message_of([&] { open(options); });
  };
  expect_parts(refusal(2.0, 1.0), {"ends at 2 s", "--start 2"});
  expect_parts(refusal(-1.0, 1.0), {"--start -1"});
  expect_parts(refusal(0.0, -1.0), {"--duration -1"});
  expect_parts(refusal(0.0, 0.01), {"less than one sample"});
  expect_parts(refusal(0.0 / 0.0, 1.0), {"--start"});
  expect_parts(refusal(1e300, 1.0), {"--start"});
  InputOptions rateless;
  rateless.start = 1.0;
  rateless.needs_fs = false;
  expect_parts(message_of([&] { open_input(path_, rateless); }), {"--fs HZ"});
}

TEST_F(Select, MonoIsTheMeanOfTheSelectedInDouble) {
  InputOptions options;
  options.mono = true;
  options.channels = "1,3";
  const auto reader = open(options);
  EXPECT_EQ(reader->info().rows, 1);
  EXPECT_EQ(reader->info().names, (std::vector<std::string>{"mono"}));
  EXPECT_EQ(reader->info().dtype, DType::f64);
  EXPECT_EQ(drain(*reader, {7})[0][19], (119.0 + 319.0) / 2);

  // 16777216 + 1 is lost in f32 sums; the mean of these three is exact in double.
  const TempFolder folder;
  const std::vector<float> values{16777216.0F, 1.0F, 1.0F};
  const std::string path = folder.write("x.npy", npy_of("<f4", false, "(3, 1)", raw(values)));
  InputOptions mono;
  mono.mono = true;
  mono.fs = 1.0;
  const auto exact = open_input(path, mono);
  EXPECT_EQ(exact->info().dtype, DType::f32);
  EXPECT_EQ(drain(*exact)[0][0], static_cast<float>(16777218.0 / 3.0));
}

TEST_F(Select, ScaleMultipliesAndUnitsLabel) {
  const std::string path =
      folder_.write("s.wav", wav(1, 2, 10, 16, raw(std::vector<std::int16_t>{16384, 0})));
  InputOptions options;
  options.scale = 4.0;
  options.units = "V";
  const auto reader = open_input(path, options);
  EXPECT_EQ(reader->info().scale, 4.0 / 32768);
  EXPECT_EQ(reader->info().units, "V");
  EXPECT_EQ(drain(*reader)[0][0], 2.0);
  options.mono = true;
  EXPECT_EQ(drain(*open_input(path, options))[0][0], 1.0);
  options.scale = 0.0;
  expect_parts(message_of([&] { open_input(path, options); }), {"--scale 0"});
}

TEST_F(Select, LeadingAxesStayWithoutASelection) {
  const std::string path =
      folder_.write("x.npy", npy_of("<f4", false, "(2, 3, 1)", raw(std::vector<float>(6))));
  InputOptions options;
  options.fs = 1.0;
  EXPECT_EQ(open_input(path, options)->info().leading_axes, (std::vector<std::int64_t>{2, 3}));
  options.channels = "1";
  EXPECT_EQ(open_input(path, options)->info().leading_axes, (std::vector<std::int64_t>{1}));
}

}  // namespace
}  // namespace papilio::io
