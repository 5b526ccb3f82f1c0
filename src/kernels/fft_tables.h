/// Everything a transform of one length needs beforehand: radices, twiddles, chirps. Immutable;
/// made once per length and instruction set and shared by any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/buffer.h"
#include "kernels/fft_kernels.h"
#include "kernels/fft_roots.h"
#include "kernels/isa.h"

namespace papilio::kernels {

/// One Stockham pass: radix * stride * count = n.
struct FftPass {
  int radix = 1;
  std::int64_t stride = 1;    ///< s: product of the earlier radices
  std::int64_t count = 1;     ///< m: product of the later radices
  std::int64_t twiddles = 0;  ///< offset of its twiddles; the last pass (count 1) has none
};

/// Passes of the given radices, first to last, with offsets into fill_twiddles' output.
std::vector<FftPass> make_passes(std::span<const int> radices, std::int64_t n);

/// Writes w_{rm}^{pk} as (re, im) for p = 0..m-1, k = 1..r-1: 2 m (r - 1) values.
template <typename T>
void fill_twiddles(const Roots& roots, const FftPass& pass, T* out);

/// Tables of complex transforms of length n on tiles; forward, and inverse by exchanging re and im
/// on both sides. Lengths that are not 2^a 3^b 5^c carry Bluestein's chirp and an inner length.
template <typename T>
class FftTables {
 public:
  /// n >= 1; `lanes` is that of one of FftKernels' widths.
  FftTables(std::int64_t n, Isa isa, std::int64_t lanes);
  FftTables(std::int64_t n, Isa isa) : FftTables(n, isa, lanes_of<T>(isa)) {}

  std::int64_t n() const { return n_; }
  Isa isa() const { return isa_; }
  std::int64_t lanes() const { return lanes_; }

  std::span<const FftPass> passes() const { return passes_; }
  const T* twiddles(const FftPass& pass) const { return twiddles_.data() + pass.twiddles; }

  /// Tables of the inner 5-smooth length m >= 2n - 1, or nullptr if n needs none.
  const FftTables* inner() const { return inner_.get(); }
  /// exp(-i pi e^2 / n) as (re, im), e < n.
  const T* chirp() const { return chirp_.data(); }
  /// DFT_m of the conjugate chirp, divided by m, as (re, im).
  const T* chirp_spectrum() const { return chirp_spectrum_.data(); }

 private:
  std::int64_t n_;
  Isa isa_;
  std::int64_t lanes_;
  std::vector<FftPass> passes_;
  base::Buffer<T> twiddles_;
  std::shared_ptr<const FftTables> inner_;
  base::Buffer<T> chirp_, chirp_spectrum_;
};

/// Bluestein's tables in extended precision: exp(-i pi e^2 / n) for e < n (e^2 taken mod 2n in
/// integers), and DFT_m of its conjugate, wrapped, divided by m.
struct Chirp {
  Chirp(std::int64_t n, std::int64_t m);
  std::vector<ExtendedComplex> values, spectrum;
};

/// Tables of real transforms of length n on tiles: even n as a half-size complex transform plus
/// recombination, odd n as a full complex one.
template <typename T>
class RealFftTables {
 public:
  RealFftTables(std::int64_t n, Isa isa);

  std::int64_t n() const { return n_; }
  std::int64_t bins() const { return n_ / 2 + 1; }
  bool halved() const { return n_ % 2 == 0; }
  /// Of length n / 2 if halved(), else n.
  const FftTables<T>& complex() const { return complex_; }
  /// exp(-2 pi i k / n) as (re, im), k <= n / 4.
  const T* roots() const { return roots_.data(); }

 private:
  std::int64_t n_;
  FftTables<T> complex_;
  base::Buffer<T> roots_;
};

}  // namespace papilio::kernels
