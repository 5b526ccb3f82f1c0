/// All feature kernels (everything but the FFT): one table of functions per part and ISA. Tiles are
/// [element][lane] with L = lanes_of<T>(isa) lanes, 64-byte aligned; each header says what it does.
#pragma once

#include "kernels/filterbank.h"
#include "kernels/load.h"
#include "kernels/logs.h"
#include "kernels/power.h"
#include "kernels/store.h"
#include "kernels/window.h"
