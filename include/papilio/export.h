/// Marks what a shared library shows to the outside.
#pragma once

#if defined(_WIN32)
#define PAPILIO_API
#else
#define PAPILIO_API __attribute__((visibility("default")))
#endif
