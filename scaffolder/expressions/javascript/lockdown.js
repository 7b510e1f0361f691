// Freezes the language itself, so that a context can be used again without carrying anything from one template to
// the next. Evaluates to a function, called once after everything is loaded.
(() => {
  "use strict";
  // An own property of an error must stay assignable although its prototype is frozen.
  const openErrorFields = (prototype) => {
    for (const field of ["name", "message", "stack", "cause"]) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, field);
      if (!descriptor || !("value" in descriptor)) continue;
      Object.defineProperty(prototype, field, {
        get: () => descriptor.value,
        set(value) {
          Object.defineProperty(this, field, { value, writable: true, configurable: true, enumerable: false });
        },
        configurable: false,
        enumerable: false,
      });
    }
  };

  const forbidCodeFromText = (global) => {
    const samples = [function () {}, function* () {}, async function () {}, async function* () {}];
    for (const sample of samples) {
      Object.defineProperty(Object.getPrototypeOf(sample), "constructor", { value: undefined });
    }
    delete global.eval;
    delete global.Function;
  };

  const freezeAll = (root, seen) => {
    const pending = [root];
    while (pending.length > 0) {
      const value = pending.pop();
      if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value)) continue;
      seen.add(value);
      pending.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const descriptor = Object.getOwnPropertyDescriptor(value, key);
        pending.push(descriptor.value, descriptor.get, descriptor.set);
      }
      if (!ArrayBuffer.isView(value)) Object.freeze(value);
    }
  };

  return (global) => {
    const errors = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];
    errors.forEach((type) => openErrorFields(type.prototype));
    forbidCodeFromText(global);
    const iterators = [[][Symbol.iterator](), ""[Symbol.iterator](), new Map().entries(), new Set().values()];
    const seen = new Set();
    [global, ...iterators, /x/y, function* () {}, async function () {}].forEach((value) => freezeAll(value, seen));
  };
})()
