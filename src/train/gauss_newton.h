/// Least squares on the blocks of a stack: conjugate gradients on the normal equations of some
/// stages, and Gauss-Newton on all of them together.
///
/// Stages share freedoms (a diagonal matrix and its inverse between two stages change nothing), so
/// that J^H J is singular. Conjugate gradients from zero stay in its range and give the shortest
/// step, which needs no gauge to be fixed.
#pragma once

#include "train/stack.h"

namespace papilio::train {

/// Minimises |A x - y|^2 over the blocks of `range`, linearised at `values`; exact for one stage,
/// in which the chain is linear. Stops when the gradient has shrunk by `tolerance`.
///
/// `damping` is added to the diagonal of J^H J (Levenberg 1944), as a fraction of its mean.
template <typename T>
Parameters<T> solve_step(const Stack<T>& stack, const Parameters<T>& values, const Batches<T>& data,
                         StepRange range, double tolerance, double damping);

struct Fit {
  double loss = 0.0;  ///< sum of |A x - y|^2
  int steps = 0;      ///< taken
};

/// Gauss-Newton steps until the sum of squares falls no more than rounding or a small part of what
/// noise leaves. A step that does not lower it is taken back and damped. At most `max_steps`.
template <typename T>
Fit gauss_newton(const Stack<T>& stack, const Batches<T>& data, int max_steps,
                 Parameters<T>& values);

/// Gives all stages one Frobenius norm, where each is not zero, which leaves their product as it
/// is: normal equations are best conditioned then.
template <typename T>
void balance(const Stack<T>& stack, Parameters<T>& values);

}  // namespace papilio::train
