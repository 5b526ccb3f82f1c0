// Whisper's log-mel features of a clip, and the same again from the definition in the result.
#include <papilio/papilio.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

/// Two seconds at 16 kHz, rising from 200 to 4000 Hz.
std::vector<float> sweep() {
  std::vector<float> samples;
  double phase = 0.0;
  for (int i = 0; i < 32000; ++i) {
    phase += 2.0 * std::numbers::pi * (200.0 + 3800.0 * i / 32000.0) / 16000.0;
    samples.push_back(static_cast<float>(0.5 * std::sin(phase)));
  }
  return samples;
}

int main() {
  const std::vector<float> clip = sweep();

  const papilio::Definition whisper = papilio::profile("mel", "whisper", 16000.0);
  auto mel = papilio::log_mel(clip, std::get<papilio::MelOptions>(whisper.options));

  const auto bands = static_cast<std::size_t>(mel.shape[1]);
  const auto frames = static_cast<std::size_t>(mel.shape[2]);
  std::printf("%zu bands, %zu frames, one every %g s\n", bands, frames, mel.times[1]);

  // The loudest band of a frame follows the sweep.
  bool good = true;
  for (std::size_t frame = 20; frame < frames; frame += 40) {
    std::size_t loudest = 0;
    for (std::size_t band = 0; band < bands; ++band) {
      if (mel.data[band * frames + frame] > mel.data[loudest * frames + frame]) loudest = band;
    }
    const double sent = 200.0 + 1900.0 * mel.times[frame];
    const double heard = mel.mel_frequencies[loudest];
    std::printf("at %.2f s: sent %6.1f Hz, loudest band around %6.1f Hz\n", mel.times[frame], sent,
                heard);
    good = good && std::abs(heard / sent - 1.0) < 0.08;
  }

  // Every result says how it was made; that is enough to make it again, bit for bit.
  const std::string text = papilio::to_json(mel.info.definition);
  const papilio::Definition again = papilio::definition_from_json(text);
  auto second = papilio::log_mel(clip, std::get<papilio::MelOptions>(again.options));
  good = good && second.data == mel.data;
  std::printf("%zu characters of JSON give the same bits: %s\n", text.size(), good ? "yes" : "no");
  return good ? 0 : 1;
}
