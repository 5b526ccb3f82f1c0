/// From a graph with fusion regions to kernels. A kernel computes a set of targets (values that
/// leave the chip, or sums over frames): the nodes behind them, cut off at what is already stored.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "codegen/kernel.h"
#include "codegen/late_clamp.h"
#include "codegen/long_transform.h"

namespace papilio::codegen {

using Nodes = std::set<ir::NodeId>;

class CudaLowering {
 public:
  CudaLowering(const ir::Graph& graph, const Signature& signature)
      : graph_(graph), signature_(signature), a_(graph, signature), late_(late_clamps(graph)) {}

  DeviceProgram run();

 private:
  std::size_t count() const { return graph_.nodes().size(); }
  int region_of(ir::NodeId id) const { return graph_.regions()[static_cast<std::size_t>(id)]; }
  const ir::Node& node(ir::NodeId id) const { return graph_.node(id); }
  std::vector<ir::NodeId> all() const;
  void number_inputs();
  /// Kernels are made for items of one length.
  void check_lengths() const;
  int store(Items items, std::size_t bytes, bool maximum = false);
  /// Partial results of a fold.
  int store_groups(ir::NodeId id);
  std::size_t item_bytes(ir::NodeId id) const;
  bool transforms(const Nodes& nodes) const;
  bool is_output(ir::NodeId id) const;
  /// The one fold of a graph whose other results all follow from it, row by row.
  ir::NodeId fusable_fold() const;
  Nodes row_targets() const;
  /// Nodes that `targets` need; what is stored, a source or `stop` ends it.
  Nodes slice(const Nodes& targets, ir::NodeId stop = -1) const;

  /// Whether each row's results follow from that row alone, without a stop on the way.
  bool plain_rows() const;
  /// Writes the status itself, and blanks rows with bad samples once they have been computed.
  void row_kernel();
  void lower_regions();
  bool read_later(ir::NodeId id) const;
  void targets_of_region(int region, bool frames);
  void target_kernel(const Nodes& targets, bool frames);
  /// Teams that share the elements of one item, where they are many.
  static std::int64_t parts_of(std::int64_t length);
  /// Parts for a kernel that does nothing but read long spectra element by element.
  std::int64_t parts_of(const Nodes& nodes, const Nodes& targets) const;
  void long_kernels(ir::NodeId id);
  bool only_output(ir::NodeId id) const;
  /// The results of a long transform that is an output and nothing else. Blanked: what is known of
  /// bad rows by then decides; where its own first kernel finds them, they are blanked afterwards.
  PointSink final_results(ir::NodeId id, const LongTransform& plan, bool blanked);
  /// What a long transform reads, from the inputs of the graph or what is stored.
  PointSource packed_points(ir::NodeId input, const LongTransform& plan, const Nodes& nodes);

  // folds.cpp
  void fold_of_region(ir::NodeId id);
  /// Sums (or maxima) over the frames of a row, or of a group of them; with `tail`, whatever else
  /// each row gives.
  void fold_kernel(ir::NodeId id, const Nodes& tail);
  /// Element by element: nothing but reads of spectra that lie in device memory.
  void fold_of_long(ir::NodeId id, const Nodes& nodes);
  /// Frames of a pair that are not used are zeros already.
  void add_to(Text& text, const std::string& sum, const std::string& x, bool maximum,
              bool pair) const;
  void close_fold(Kernel& k, ir::NodeId id, const Nodes& nodes, const Nodes& tail,
                  const Nodes& rows);
  /// Adds up the groups of a row.
  void total_kernel(ir::NodeId id);
  void median_kernels(ir::NodeId id);

  // targets.cpp
  /// Whether results of rows with bad samples become NaN.
  bool blanks() const { return signature_.watch && !signature_.skip; }
  std::string blank_of_status() const;
  bool reads_inputs(const Nodes& nodes) const;
  /// Samples of a row that a kernel reads first: its first two frames, or all.
  std::int64_t first_samples(ir::NodeId input) const;
  /// Declares what the item needs. Returns reads_inputs().
  bool begin(Kernel& k, const Nodes& nodes) { return begin(k, nodes, nodes); }
  bool begin(Kernel& k, const Nodes& nodes, const Nodes& readers);
  /// Computes `nodes` and sends `targets` to where they belong. `fold` has its value already.
  void compute_targets(Kernel& k, const Nodes& nodes, const Nodes& targets, ir::NodeId fold,
                       bool blanks);
  void declare_places(Kernel& k, ir::NodeId id);
  /// One value to every place of node `id`.
  void put_lines(Text& text, ir::NodeId id, const std::string& i, const std::string& x,
                 bool blanks);
  /// Into the work memory alone: later kernels read it, and send it to outputs.
  std::string keep_line(ir::NodeId id, const std::string& i, const std::string& x) const;
  void keep_lines(Kernel& k, ir::NodeId id);
  void store_lines(Kernel& k, ir::NodeId id, bool blanks);
  /// The largest value of a row, over all of its frames.
  void maximum_lines(Kernel& k, ir::NodeId id);
  void top_lines(Kernel& k, ir::NodeId id, bool blanks);
  void blank_kernel();

  const ir::Graph& graph_;
  const Signature& signature_;
  Assembly a_;
  std::map<ir::NodeId, LateClamp> late_;  ///< by the node that is clamped
  std::map<ir::NodeId, int> partials_;
  Nodes placed_;  ///< outputs whose results are where they belong
  int kernels_ = 0;
  bool needs_blanking_ = false;
};

}  // namespace papilio::codegen
