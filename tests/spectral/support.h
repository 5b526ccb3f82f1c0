/// Helpers of the spectral tests: refusals and their wording, graphs as text.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "ir/print.h"
#include "ir/verify.h"
#include "papilio/error.h"

namespace papilio::spectral {

/// Expects a UserError whose message holds every one of `parts`.
inline void expect_refusal(const std::function<void()>& body,
                           std::initializer_list<std::string> parts) {
  try {
    body();
    ADD_FAILURE() << "was accepted";
  } catch (const UserError& error) {
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "'" << part << "' is not in: " << error.what();
    }
  }
}

/// The ops of a verified graph, in order: "frame detrend mul ...". Sources are left out.
inline std::string chain_of(const ir::Graph& graph) {
  ir::verify(graph);
  std::string text;
  for (const ir::Node& node : graph.nodes()) {
    const ir::OpInfo& info = ir::info_of(node.op);
    if (info.space != ir::Space::source) text += (text.empty() ? "" : " ") + std::string(info.text);
  }
  return text;
}

/// The only node of a kind.
inline const ir::Node& node_of(const ir::Graph& graph, ir::OpKind kind) {
  const ir::Node* found = nullptr;
  for (const ir::Node& node : graph.nodes()) {
    if (node.op == kind) {
      EXPECT_EQ(found, nullptr) << "more than one " << ir::info_of(kind).text;
      found = &node;
    }
  }
  if (found == nullptr)
    throw InternalError(std::string("no ") + std::string(ir::info_of(kind).text));
  return *found;
}

/// The known numbers that a binary op multiplies by.
inline const std::vector<double>& factor_of(const ir::Graph& graph, const ir::Node& mul) {
  return *graph.node(mul.inputs[1]).as<ir::ConstAttrs>().values;
}

/// All multiplications, in order.
inline std::vector<ir::Node> products_of(const ir::Graph& graph) {
  std::vector<ir::Node> products;
  for (const ir::Node& node : graph.nodes()) {
    if (node.op == ir::OpKind::Mul) products.push_back(node);
  }
  return products;
}

}  // namespace papilio::spectral
