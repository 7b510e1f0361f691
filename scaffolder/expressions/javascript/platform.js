// What the template engine expects of Node.js and a bare JavaScript engine does not have.
// Evaluates to an object; nothing here reaches outside the sandbox.
(() => {
  "use strict";
  const beyondAscii = /[^\x00-\x7f]/;

  const utf8Length = (text) => {
    if (!beyondAscii.test(text)) return text.length;
    let bytes = 0;
    for (const character of text) {
      const point = character.codePointAt(0);
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
    return bytes;
  };

  // Seeded before every job by the host, so that one template cannot foresee what `random` gives another.
  let state = new Uint32Array(4);
  const seed = (words) => {
    state = Uint32Array.from(words);
  };
  const nextWord = () => {
    const sum = (state[0] + state[1] + state[3]) >>> 0;
    state[3] = (state[3] + 1) >>> 0;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = (state[2] + (state[2] << 3)) >>> 0;
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) >>> 0;
    return sum;
  };
  const randomInt = (maximum) => {
    const range = 2 ** 48;
    const ceiling = range - (range % maximum);
    for (;;) {
      const sample = nextWord() * 0x10000 + (nextWord() & 0xffff);
      if (sample < ceiling) return sample % maximum;
    }
  };

  const modules = {
    "node:crypto": { randomInt },
    "node:util": {
      types: {
        isProxy: () => false, // every value comes from JSON
        isMap: (value) => value instanceof Map,
        isSet: (value) => value instanceof Set,
        isNativeError: (value) => value instanceof Error,
      },
    },
  };
  const require = (name) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`The module ${name} is not available`);
    return modules[name];
  };
  return { Buffer: { byteLength: utf8Length }, require, seed };
})()
