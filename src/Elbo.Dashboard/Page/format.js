// Numbers as people read them. A minus is a minus, and a number that is not known is a dash.

export function fixed(value, digits) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "−∞";
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value < 0 && Number(text.replaceAll(",", "")) !== 0 ? "−" : "") + text;
}

export function nats(value) {
  const size = Math.abs(value);
  return fixed(value, size >= 10000 ? 0 : size >= 1000 ? 1 : size >= 100 ? 2 : 3);
}

export function signed(value) {
  return value > 0 ? "+" + nats(value) : nats(value);
}

// Three digits that count, for numbers of any size.
export function short(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return fixed(value, 0);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, power] = size.toExponential(2).split("e");
    return `${value < 0 ? "−" : ""}${digits}·10${superscript(Number(power))}`;
  }
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export function superscript(power) {
  return String(power).replace(/./g, c => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]);
}

export function count(value) {
  return value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en-US");
}

export function plural(n, word, words) {
  return `${count(n)} ${n === 1 ? word : words ?? word + "s"}`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

export function ago(iso, now = Date.now()) {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return "";
  const seconds = (now - then) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 5400) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h ago`;
  return seconds < 1209600 ? `${Math.round(seconds / 86400)} days ago` : iso.slice(0, 10);
}

// Names listed as in a sentence.
export function listed(names, most = 4) {
  if (names.length > most) return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
