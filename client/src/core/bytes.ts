/** Bytes that came over a wire, for people to read. Pure. */

const PER_LINE = 16;

/** Bytes as JSON carries them. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** What cannot be read, and would not be seen, becomes a dot. */
export const readable = (text: string): string => text.replace(/[^\P{C}\n\t]|\ufffd/gu, "·");

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** Lines of sixteen: offset, hexadecimal digits, and the characters of ASCII among them. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += PER_LINE) {
    const line = [...bytes.subarray(start, start + PER_LINE)];
    const digits = line.map((byte) => hex(byte, 2)).join(" ").padEnd(PER_LINE * 3 - 1);
    const characters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${hex(start, 4)}  ${digits}  ${characters}`);
  }
  return lines.join("\n");
}
