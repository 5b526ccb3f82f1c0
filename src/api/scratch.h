/// What the public Scratch holds.
#pragma once

#include "papilio/plan.h"
#include "runtime/program.h"

namespace papilio {

struct Scratch::Impl {
  runtime::Workspace work;
};

}  // namespace papilio
