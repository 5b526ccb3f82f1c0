/// All of Papilio's public interface.
#pragma once

#include "papilio/definition.h"
#include "papilio/error.h"
#include "papilio/execution.h"
#include "papilio/features.h"
#include "papilio/fft.h"
#include "papilio/network.h"
#include "papilio/plan.h"
#include "papilio/view.h"
