/// What the kernels of a program share while they are made.
#pragma once

#include <map>
#include <set>
#include <string>

#include "codegen/device_program.h"
#include "codegen/tables.h"

namespace papilio::codegen {

struct Assembly {
  Assembly(const ir::Graph& of, const Signature& signature_of)
      : graph(of), signature(signature_of), tables(of.compute()) {}

  const ir::Graph& graph;
  const Signature& signature;
  Tables tables;
  std::map<ir::NodeId, int> inputs;          ///< ports of Input nodes
  std::map<ir::NodeId, int> stored;          ///< nodes whose values an earlier launch has written
  std::map<ir::NodeId, int> maxima;          ///< nodes whose largest value of each row is stored
  std::map<ir::NodeId, std::size_t> shared;  ///< values of no row that an earlier launch has
                                             ///< written: bytes into the first of the stored
  std::map<ir::NodeId, std::size_t>
      packed;                     ///< the same of butterflies' numbers, as they read them
  std::set<ir::NodeId> gathered;  ///< sums over rows: not for kernels to emit
  bool gradients = false;         ///< butterflies have passes that can be gone back
  std::string source;
  DeviceProgram program;

  bool single() const { return graph.compute() == DType::f32; }
  std::size_t real_bytes() const { return single() ? sizeof(float) : sizeof(double); }
};

/// Elements of an item: everything after the row and frame axes.
std::int64_t item_length(const ir::Type& type);

bool is_fold(const ir::Node& node);
bool is_source(const ir::Node& node);
bool is_top(const ir::Node& node);

}  // namespace papilio::codegen
