// Steps of first-order optimisers, in double, on the free parameters that the params of a graph are
// made of (train/free_parameters.h says how). Two launches: slopes, then the move.
#pragma once

#include "codegen/device/batch.cuh"

/// What a step is told and what it tells: codegen/descent.h has the same.
struct StepFacts {
  double rate, mean_share, square_share, longest;
  unsigned long long moves;
  double loss, norm;
  unsigned long long bad;
};

enum class Rule { sgd, adam, diagonal };
enum class Free { plain, phases, gates };

/// Free parameters from `first` on; their numbers and gradients begin at so many elements of the
/// graph's values, and are counted from `place` on.
struct FreePart {
  int first;
  Free kind;
  int number, gradient, place;
  double unit;
};

/// Count free parameters, worked on by so many blocks.
template <typename R, int Count, int Blocks>
struct Descent {
  static constexpr int kThreads = 256;
  static constexpr double kMomentum = 0.9, kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

  R* values;  ///< of the graph
  double *free, *mean, *square, *slope;
  double* squares;  ///< of slopes, summed by each block
  StepFacts* facts;

  __device__ __forceinline__ Descent(char* shared_values, char* state, char* step)
      : values(reinterpret_cast<R*>(shared_values)),
        free(reinterpret_cast<double*>(state)),
        mean(free + Count),
        square(mean + Count),
        slope(square + Count),
        squares(slope + Count),
        facts(reinterpret_cast<StepFacts*>(step)) {}

  /// The gradient of every free parameter; the parts of its norm; the loss.
  template <int Parts>
  __device__ __forceinline__ void slopes(char* scratch, const FreePart (&parts)[Parts], int loss) {
    const Team<kThreads, 1> team(scratch);
    double sum = 0.0;
    each(parts, [&](int i, int k, const FreePart& part) {
      slope[i] = slope_at(part, k, free[i]);
      sum += slope[i] * slope[i];
    });
    sum = team.sum(sum);
    if (team.thread != 0) return;
    squares[blockIdx.x] = sum;
    if (blockIdx.x == 0) facts->loss = double(values[loss]);
  }

  /// One step, unless something is not finite, and the numbers of the free parameters.
  template <Rule By, int Parts>
  __device__ __forceinline__ void move(char* scratch, const FreePart (&parts)[Parts]) {
    const Team<kThreads, 1> team(scratch);
    const double norm = sqrt(team.sum(team.thread < Blocks ? squares[team.thread] : 0.0));
    const double longest = facts->longest;
    const double share = longest > 0.0 && norm > longest ? longest / norm : 1.0;
    const bool moves = facts->moves != 0 && facts->bad == ~0ull && finite(facts->loss);
    each(parts, [&](int i, int k, const FreePart& part) {
      if (moves) {
        free[i] -= step<By>(i, slope[i] * share);
        if (part.kind == Free::gates) free[i] = clamped(free[i]);
      }
      put_numbers(part, k, free[i]);
    });
    if (blockIdx.x == 0 && team.thread == 0) facts->norm = norm;
  }

 private:
  /// body(free parameter, its place in its part, part), spread over all threads.
  template <int Parts, typename Body>
  __device__ __forceinline__ void each(const FreePart (&parts)[Parts], Body&& body) {
    int part = 0;
    for (int i = int(blockIdx.x) * kThreads + int(threadIdx.x); i < Count; i += Blocks * kThreads) {
      while (part + 1 < Parts && parts[part + 1].first <= i) ++part;
      body(i, i - parts[part].first, parts[part]);
    }
  }

  __device__ __forceinline__ double gradient(const FreePart& part, int k) {
    const double value = double(values[part.gradient + k]);
    if (!finite(value)) atomicMin(&facts->bad, (unsigned long long)(part.place + k));
    return value;
  }
  /// A gate at an end of its range that a step would take out of it stays.
  __device__ __forceinline__ double slope_at(const FreePart& part, int k, double at) {
    if (part.kind == Free::phases) {
      const double re = gradient(part, 2 * k);
      const double im = gradient(part, 2 * k + 1);
      return cos(at) * im - sin(at) * re;
    }
    const double value = part.unit * gradient(part, k);
    if (part.kind != Free::gates) return value;
    const bool leaves = (at >= 1.0 && value < 0.0) || (at <= 0.0 && value > 0.0);
    return leaves || at < 0.0 || at > 1.0 ? 0.0 : value;
  }

  template <Rule By>
  __device__ __forceinline__ double step(int i, double g) {
    if constexpr (By == Rule::sgd) {
      mean[i] = kMomentum * mean[i] + g;
      return facts->rate * mean[i];
    } else if constexpr (By == Rule::adam) {
      mean[i] += (1.0 - kBeta1) * (g - mean[i]);
      square[i] += (1.0 - kBeta2) * (g * g - square[i]);
      return facts->rate * (mean[i] / facts->mean_share) /
             (sqrt(square[i] / facts->square_share) + kEpsilon);
    } else {
      square[i] += g * g;
      return facts->rate * g / (sqrt(square[i] / facts->square_share) + kEpsilon);
    }
  }

  static __device__ __forceinline__ double clamped(double gate) {
    return gate < 0.0 ? 0.0 : gate > 1.0 ? 1.0 : gate;
  }
  __device__ __forceinline__ void put_numbers(const FreePart& part, int k, double at) {
    if (part.kind == Free::phases) {
      values[part.number + 2 * k] = R(cos(at));
      values[part.number + 2 * k + 1] = R(sin(at));
    } else {
      values[part.number + k] = R(part.kind == Free::gates ? clamped(at) : part.unit * at);
    }
  }
};
