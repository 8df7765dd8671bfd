import { fixed, superscript } from "./format.js";

// From values to places, and the values that are marked: 1, 2 or 5 times a power of ten, about as many as asked for.
export function scale(low, high, start, end) {
  if (!(high > low)) {
    const room = Math.max(0.5, Math.abs(low) * 0.1);
    [low, high] = [low - room, high + room];
  }
  const at = value => start + (end - start) * (value - low) / (high - low);
  at.low = low;
  at.high = high;
  at.back = place => low + (high - low) * (place - start) / (end - start);
  at.ticks = about => {
    const least = (high - low) / Math.max(1, about);
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map(f => f * power).find(v => v >= least * (1 - 1e-9));
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k <= high / step + 1e-9; k++) ticks.push({ value: k * step, text: tickText(k * step, step) });
    return ticks;
  };
  return at;
}

function tickText(value, step) {
  if (Math.abs(value) < step / 2) return "0";
  const power = Math.floor(Math.log10(step) + 1e-9);
  if (power < -5 || Math.abs(value) >= 1e7) {
    const top = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return `${fixed(value / 10 ** top, Math.min(6, Math.max(0, top - power)))}·10${superscript(top)}`;
  }
  return fixed(value, Math.max(0, -power));
}

// The least and the greatest of what is known.
export function extent(...lists) {
  let low = Infinity, high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (value === null || !Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

// The range in which a course of values is seen well: the first, steep part may run off the lower edge.
export function closeUp(values) {
  const known = values.filter(v => v !== null && Number.isFinite(v));
  const [low, high] = extent(known);
  if (known.length < 8) return [low, high];
  const late = extent(known.slice(Math.floor(known.length / 4)));
  const room = (late[1] - late[0]) * 0.6;
  return [Math.max(low, late[0] - room), Math.min(high, late[1] + room)];
}
