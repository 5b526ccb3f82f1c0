/// Numbers of files as the verbs on models take them: whole, complex, in double.
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "train/data.h"
#include "transform/matrix.h"

namespace papilio::app {

/// All rows of an .npy (or any other signal) as a matrix; int64 too, if exact. Throws UserError as
/// readers do, and for one of more than 2^26 numbers, tagged with the verb.
transform::Matrix read_matrix(const std::string& verb, const std::string& path);

/// The first `most` windows of n consecutive samples, window after window, channel after channel.
struct Windows {
  std::vector<std::vector<std::complex<double>>> rows;
  bool complex = false;
};
/// Throws UserError for a recording that is shorter than n.
Windows read_windows(const std::string& verb, const std::string& path, std::int64_t n,
                     std::int64_t most);

/// All channels of all files, held in f32. Throws UserError as readers do, for a recording shorter
/// than the 10 n samples that windows of n need, and for more than 2^27 samples in all.
train::Recordings read_recordings(const std::string& verb, const std::vector<std::string>& paths,
                                  std::int64_t n);

}  // namespace papilio::app
