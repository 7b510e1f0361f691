// The jobs that the host gives to the sandbox. Evaluates to a function that takes the template engine, the filters
// and the globals, and gives `run`: one JSON text in, one JSON text out.
(() => {
  "use strict";

  const describe = (error) => ({
    type: error?.name ?? "Error",
    message: String(error?.message ?? error),
    line: error?.line ?? null,
    column: error?.column ?? null,
  });

  // A text cut in the middle of a character must not leave the sandbox: neither a file nor a database takes it.
  const toJson = (answer) => {
    const text = JSON.stringify(answer);
    if (!text.includes("\\ud")) return text;
    return JSON.stringify(answer, (_key, value) => (typeof value === "string" ? value.toWellFormed() : value));
  };

  return (engine, platform, filters, globals) => {
    const task = { failed: false, asked: false };
    const statusFunctions = {
      always: () => {
        task.asked = true;
        return true;
      },
      failure: () => {
        task.asked = true;
        return task.failed;
      },
    };
    const renderers = new Map();
    const rendererFor = (name, options) => {
      if (!renderers.has(name)) {
        renderers.set(name, engine.createTemplateRenderer({ allowRegexExecution: true, filters, ...options }));
      }
      return renderers.get(name);
    };
    const valueRenderer = () => rendererFor("value", { globals: { ...globals, ...statusFunctions } });
    const textRenderer = (options) => rendererFor(JSON.stringify(options), { globals, ...options });

    // Renders every text inside a value, leaves first. What becomes undefined is left out of its object; a text that
    // fails stays as it is and is reported.
    const renderTree = (template, context, warnings) => {
      const renderer = valueRenderer();
      const prepared = renderer.prepareContext(context);
      const walk = (node, path) => {
        if (typeof node === "string") {
          try {
            return renderer.renderValue(node, prepared);
          } catch (error) {
            warnings.push({ path, ...describe(error) });
            return node;
          }
        }
        if (Array.isArray(node)) return node.map((item, index) => walk(item, [...path, index]));
        if (node === null || typeof node !== "object") return node;
        const result = {};
        for (const key of Object.keys(node)) {
          const value = walk(node[key], [...path, key]);
          if (value !== undefined) {
            Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
          }
        }
        return result;
      };
      return walk(template, []);
    };

    const jobs = {
      value({ template, context }) {
        const warnings = [];
        const value = renderTree(template, context, warnings);
        return { value, isUndefined: value === undefined, warnings };
      },
      condition({ template, context }) {
        const warnings = [];
        const value = renderTree(template, context, warnings);
        return { holds: Array.isArray(value) ? value.length > 0 : Boolean(value), asked: task.asked, warnings };
      },
      text({ template, context, options }) {
        return { text: textRenderer(options).render(template, context) };
      },
    };

    return (input) => {
      try {
        const job = JSON.parse(input);
        platform.seed(job.seed);
        task.failed = job.failed;
        task.asked = false;
        return toJson(jobs[job.kind](job));
      } catch (error) {
        return toJson({ error: describe(error) });
      }
    };
  };
})()
