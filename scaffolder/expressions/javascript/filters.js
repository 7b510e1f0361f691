// The filters that Backstage adds to the template language. Evaluates to a function that takes the configured hosts
// (host -> kind of integration) and gives the filters by name.
(() => {
  "use strict";

  // ---- repository addresses: `host?owner=o&repo=r`, read as the URL standard reads `https://` + text

  const invalidUrl = () => {
    throw new TypeError("Invalid URL");
  };

  const percentDecoded = (text) => {
    const bytes = [];
    for (let i = 0; i < text.length; ) {
      const hex = /^%([0-9a-fA-F]{2})/.exec(text.slice(i, i + 3));
      if (hex) {
        bytes.push(parseInt(hex[1], 16));
        i += 3;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(i));
      for (const part of encodeURIComponent(character.isWellFormed() ? character : "\ufffd").matchAll(/%(..)|[^]/g)) {
        bytes.push(part[1] === undefined ? part[0].charCodeAt(0) : parseInt(part[1], 16));
      }
      i += character.length;
    }
    return utf8Text(bytes);
  };

  // Decodes UTF-8 with one U+FFFD for each malformed or unfinished character, as a browser does.
  const utf8Text = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; ) {
      const lead = leadByte(bytes[i]);
      let size = 1;
      while (size < lead.size && continues(bytes[i], bytes[i + size], size)) size += 1;
      let point = lead.bits;
      for (let j = 1; j < size; j += 1) point = (point << 6) | (bytes[i + j] & 0x3f);
      text += size === lead.size ? String.fromCodePoint(point) : "\ufffd";
      i += size;
    }
    return text;
  };

  const leadByte = (byte) => {
    if (byte < 0x80) return { size: 1, bits: byte };
    if (byte >= 0xc2 && byte < 0xe0) return { size: 2, bits: byte & 0x1f };
    if (byte >= 0xe0 && byte < 0xf0) return { size: 3, bits: byte & 0x0f };
    if (byte >= 0xf0 && byte < 0xf5) return { size: 4, bits: byte & 0x07 };
    return { size: 0, bits: 0 };
  };

  // The byte after some leads is narrower than 80..BF: no overlong forms, no surrogates, nothing over U+10FFFF.
  const SECOND = { 0xe0: [0xa0, 0xbf], 0xed: [0x80, 0x9f], 0xf0: [0x90, 0xbf], 0xf4: [0x80, 0x8f] };
  const continues = (lead, byte, position) => {
    const [lowest, highest] = (position === 1 && SECOND[lead]) || [0x80, 0xbf];
    return byte >= lowest && byte <= highest;
  };

  const hostOf = (authority) => {
    const text = authority.slice(authority.lastIndexOf("@") + 1);
    const parts = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d*))?$/.exec(text) ?? invalidUrl();
    const name = percentDecoded(parts[1]).toLowerCase();
    if (name === "" || (name[0] !== "[" && /[\x00-\x20#%/:<>?@[\\\]^|\x7f]/.test(name))) invalidUrl();
    if (parts[2] === undefined || parts[2] === "") return name;
    const port = Number(parts[2]);
    if (port > 65535) invalidUrl();
    return port === 443 ? name : `${name}:${port}`;
  };

  const queryOf = (text) => {
    const found = new Map();
    for (const pair of text.split("&")) {
      if (pair === "") continue;
      const spaced = pair.replaceAll("+", " ");
      const cut = spaced.indexOf("=");
      const name = percentDecoded(cut < 0 ? spaced : spaced.slice(0, cut));
      if (!found.has(name)) found.set(name, cut < 0 ? "" : percentDecoded(spaced.slice(cut + 1)));
    }
    return found;
  };

  const parseUrl = (repoUrl) => {
    const text = `https://${repoUrl}`.replace(/[\x00-\x20]+$/, "").replace(/[\t\n\r]/g, "");
    const rest = text.slice("https://".length).replace(/^[\\/]+/, "");
    const authority = /^[^\\/?#]*/.exec(rest)[0];
    const query = /^[^?#]*\?([^#]*)/.exec(rest);
    return { host: hostOf(authority), query: queryOf(query ? query[1] : "") };
  };

  const REQUIRED = {
    bitbucketCloud: ["workspace", "project", "repo"],
    bitbucketServer: ["project", "repo"],
    azure: ["project", "repo"],
    gitea: ["repo"],
    gerrit: ["repo"],
  };

  const requiredOf = (type, query) => {
    if (type === "gitlab") return query.get("project") ? [] : ["owner", "repo"];
    return Object.hasOwn(REQUIRED, type) ? REQUIRED[type] : ["repo", "owner"];
  };

  const parseRepoUrl = (hosts) => (repoUrl) => {
    let parsed;
    try {
      parsed = parseUrl(repoUrl);
    } catch (error) {
      throw new Error(`The repository address "${repoUrl}" cannot be read: ${error.message}`);
    }
    const { host, query } = parsed;
    if (!Object.hasOwn(hosts, host)) {
      throw new Error(`No integration is configured for the host ${host} of the repository address`);
    }
    for (const name of requiredOf(hosts[host], query)) {
      if (!query.get(name)) throw new Error(`The repository address "${repoUrl}" lacks ${name}`);
    }
    const spec = { host };
    for (const name of ["owner", "repo", "organization", "workspace", "project"]) {
      spec[name] = query.has(name) ? query.get(name).replace(/^\/+|\/+$/g, "") : undefined;
    }
    return spec;
  };

  // ---- entity references: `[kind:][namespace/]name`

  const splitReference = (text) => {
    const slash = text.indexOf("/");
    let colon = text.indexOf(":");
    if (slash !== -1 && slash < colon) colon = -1;
    const kind = colon === -1 ? undefined : text.slice(0, colon);
    const namespace = slash === -1 ? undefined : text.slice(colon + 1, slash);
    const name = text.slice(Math.max(colon + 1, slash + 1));
    if (kind === "" || namespace === "" || name === "") {
      throw new TypeError(`The entity reference "${text}" is not of the form [<kind>:][<namespace>/]<name>`);
    }
    return { kind, namespace, name };
  };

  const parseEntityRef = (reference, defaults) => {
    if (!reference) throw new Error("The entity reference is empty");
    const parts = typeof reference === "string" ? splitReference(reference) : reference;
    const kind = parts.kind ?? defaults?.defaultKind;
    const namespace = parts.namespace ?? (defaults?.defaultNamespace || "default");
    const whole = { kind, namespace, name: parts.name };
    for (const field of ["kind", "namespace", "name"]) {
      if (!whole[field]) throw new Error(`The entity reference ${JSON.stringify(reference)} has no ${field}`);
    }
    return whole;
  };

  // ---- pick: a value deep inside another, by a path such as `a.list[1]['x.y']`

  // `a.b`, `a[1]`, `a["x.y"]`; two dots in a row, or one at either end, stand for an empty name.
  const pathParts = (path) => {
    const parts = [];
    for (let i = 0; i < path.length; ) {
      const rest = path.slice(i);
      const bracket = /^\[(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\]]*))\]/.exec(rest);
      const name = /^[^.[\]]+/.exec(rest);
      if (bracket) {
        parts.push(bracket[3] ?? (bracket[1] ?? bracket[2]).replace(/\\(.)/g, "$1"));
      } else if (name) {
        parts.push(name[0]);
      } else if (path[i] === ".") {
        if (i === 0) parts.push("");
        if (i + 1 === path.length || path[i + 1] === ".") parts.push("");
      }
      i += (bracket ?? name ?? ".")[0].length;
    }
    return parts;
  };

  // A property whose own name looks like a path wins over the path.
  const keysOf = (value, path) => {
    if (Array.isArray(path)) return path;
    if (typeof path !== "string" || !/\.|\[[^\]]*\]/.test(path)) return [path];
    return value !== null && value !== undefined && path in Object(value) ? [path] : pathParts(path);
  };

  const pick = (value, path, fallback) => {
    const keys = keysOf(value, path);
    if (keys.length === 0) return fallback;
    let found = value;
    for (const key of keys) {
      if (found === null || found === undefined) return fallback;
      found = found[key];
    }
    return found === undefined ? fallback : found;
  };

  return (hosts) => {
    const parse = parseRepoUrl(hosts);
    const projectSlug = (repoUrl) => {
      const { owner, repo } = parse(repoUrl);
      return `${owner}/${repo}`;
    };
    return { parseRepoUrl: parse, parseEntityRef, pick, projectSlug };
  };
})()
