/// What the kernels of a program share while they are made.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "codegen/device_program.h"
#include "codegen/fft_shape.h"
#include "codegen/tables.h"

namespace papilio::codegen {

/// How a transform that does not fit a block is computed from points in device memory.
struct LongTransform {
  using Tables = std::vector<std::pair<std::string, std::size_t>>;  ///< names and byte offsets

  std::int64_t points = 0;   ///< 5-smooth, complex
  std::string pack;          ///< point i, made of the function `x`
  std::string result;        ///< of its point `z`, where every point is one result; else ""
  std::string read;          ///< result i, made of the points `g`
  Tables tables;             ///< that these two expressions read
  bool convolves = false;    ///< multiplied with a spectrum and transformed backwards (Bluestein)
  std::size_t spectrum = 0;  ///< offset of that
};

struct Assembly {
  Assembly(const ir::Graph& of, const Signature& signature_of);

  const ir::Graph& graph;
  const Signature& signature;
  Tables tables;
  std::map<ir::NodeId, int> inputs;  ///< ports of Input nodes
  std::map<ir::NodeId, int> stored;  ///< nodes whose values an earlier launch has written
  std::map<ir::NodeId, LongTransform> long_reads;  ///< those of them that are long transforms
  std::map<ir::NodeId, int> maxima;          ///< nodes whose largest value of each row is stored
  std::map<ir::NodeId, std::size_t> shared;  ///< values of no row that an earlier launch has
                                             ///< written: bytes into the first of the stored
  std::map<ir::NodeId, std::size_t>
      packed;                     ///< the same of butterflies' numbers, as they read them
  std::set<ir::NodeId> gathered;  ///< sums over rows: not for kernels to emit
  bool gradients = false;         ///< butterflies have passes that can be gone back
  std::string source;
  DeviceProgram program;

  const Signature::Input& input(ir::NodeId id) const {
    return signature.inputs[static_cast<std::size_t>(inputs.at(id))];
  }
  /// Bytes that rows of the input begin at multiples of.
  std::int64_t row_align(const Signature::Input& of) const {
    if (of.aligned) return kRowAlign;
    const auto bytes = static_cast<std::int64_t>(size_of(of.dtype));
    const bool complex = of.dtype == DType::c64 || of.dtype == DType::c128;
    return of.dtype == DType::i24 ? 1 : complex ? bytes / 2 : bytes;
  }
  bool single() const { return graph.compute() == DType::f32; }
  std::size_t real_bytes() const { return single() ? sizeof(float) : sizeof(double); }
  /// Complex points that a transform of one block may have.
  std::int64_t longest() const { return longest_fft(real_bytes(), signature.shared_per_block); }
};

/// Elements of an item: everything after the row and frame axes.
std::int64_t item_length(const ir::Type& type);

/// The function that gives the values of a node.
inline std::string value_name(ir::NodeId id) { return "v" + std::to_string(id); }

/// Kernels count elements of an item in 32 bits: a UserError for a graph with more of them.
void check_item_lengths(const ir::Graph& graph);

bool is_fold(const ir::Node& node);
bool is_source(const ir::Node& node);
bool is_transform(const ir::Node& node);
bool is_network(const ir::Node& node);
bool is_top(const ir::Node& node);

/// The kernels' type of samples in memory.
std::string element_type(DType dtype);

}  // namespace papilio::codegen
