// make_inputs.js FOLDER: recordings for the pages that the program itself makes: speech-like sound
// as wav, silence, a row with a NaN beside a good one, and complex samples.
'use strict';

const fs = require('fs');
const path = require('path');

const folder = process.argv[2];
const kRate = 16000;
const kSamples = 2 * kRate;

// A tone that glides, over noise of a fixed seed.
function sound() {
  let state = 1;
  return Float32Array.from({ length: kSamples }, (_, t) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const seconds = t / kRate;
    const tone = Math.sin(2 * Math.PI * (500 + 700 * seconds) * seconds);
    return 0.3 * tone + 0.02 * (state / 2 ** 31 - 1);
  });
}

function writeWav(name, samples) {
  const file = Buffer.alloc(44 + 2 * samples.length);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * samples.length, 4);
  file.write('WAVEfmt ', 8);
  [[16, 16, 4], [1, 20, 2], [1, 22, 2], [kRate, 24, 4], [2 * kRate, 28, 4], [2, 32, 2],
    [16, 34, 2]].forEach(([value, at, bytes]) => file.writeUIntLE(value, at, bytes));
  file.write('data', 36);
  file.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((x, t) => file.writeInt16LE(Math.round(x * 32000), 44 + 2 * t));
  fs.writeFileSync(path.join(folder, name), file);
}

function writeNpy(name, type, shape, values) {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  fs.writeFileSync(path.join(folder, name),
    Buffer.concat([start, header, Buffer.from(values.buffer)]));
}

const x = sound();
writeWav('speech.wav', x);
writeNpy('silence.npy', '<f4', [1, kSamples], new Float32Array(kSamples));
const rows = new Float32Array(2 * kSamples);
rows.set(x);
rows.set(x, kSamples);
rows[kSamples + 777] = NaN;
writeNpy('nan.npy', '<f4', [2, kSamples], rows);
const pairs = new Float32Array(2 * kSamples);
x.forEach((value, t) => {
  pairs[2 * t] = value;
  pairs[2 * t + 1] = x[(t + 4) % kSamples];
});
writeNpy('complex.npy', '<c8', [1, kSamples], pairs);
