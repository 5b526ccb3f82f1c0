// A graph is a list of work.
#include "fake_graph.h"

#include <optional>
#include <utility>

namespace papilio::runtime::cuda {
struct CUgraph_st {
  std::vector<test::FakeWork> work;
};
struct CUgraphExec_st {
  std::vector<test::FakeWork> work;
};
}  // namespace papilio::runtime::cuda

namespace papilio::test {
namespace {

using namespace runtime::cuda;  // NOLINT: the driver's names are those of its C API

std::optional<std::vector<FakeWork>> capture;
CUstream captured = nullptr;  // whose work it is

}  // namespace

CUresult do_or_keep(FakeWork work) {
  if (!capture) return work();
  capture->push_back(std::move(work));
  return CUDA_SUCCESS;
}

bool capturing() { return capture.has_value(); }

}  // namespace papilio::test

using namespace papilio::runtime::cuda;  // NOLINT
using papilio::test::capture;
using papilio::test::captured;

#pragma GCC visibility push(default)
extern "C" {

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode) {
  if (capture) return CUDA_ERROR_INVALID_VALUE;
  capture.emplace();
  captured = stream;
  return CUDA_SUCCESS;
}
CUresult cuStreamEndCapture(CUstream, CUgraph* graph) {
  if (!capture) return CUDA_ERROR_INVALID_VALUE;
  *graph = new CUgraph_st{std::move(*capture)};
  capture.reset();
  return CUDA_SUCCESS;
}
CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus* status) {
  *status = capture && stream == captured ? CU_STREAM_CAPTURE_STATUS_ACTIVE
                                          : CU_STREAM_CAPTURE_STATUS_NONE;
  return CUDA_SUCCESS;
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
  *exec = new CUgraphExec_st{graph->work};
  return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec exec, CUstream) {
  for (const papilio::test::FakeWork& work : exec->work) {
    if (const CUresult result = work(); result != CUDA_SUCCESS) return result;
  }
  return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec exec) {
  delete exec;
  return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph graph) {
  delete graph;
  return CUDA_SUCCESS;
}

}  // extern "C"
#pragma GCC visibility pop
