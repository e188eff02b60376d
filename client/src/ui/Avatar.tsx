/** A person or firm as initials on a quiet colour of their own. */
import type { Presence } from "@core/api/types";
import { initialsOf } from "@core/initials";
import { Icon } from "./Icon";
import { PresenceMark } from "./presence";

const HUES = [168, 200, 228, 262, 300, 338, 18, 42, 90, 130];

function hueOf(text: string): number {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return HUES[sum % HUES.length] ?? 200;
}

export function Avatar({ name, size = 36, presence, id }: { name: string; size?: number; presence?: Presence; id?: string }) {
  const hue = hueOf(name);
  const style = {
    width: size, height: size, fontSize: Math.round(size * 0.36),
    "--avatar": `light-dark(hsl(${hue} 38% 90%), hsl(${hue} 24% 24%))`,
    "--avatar-text": `light-dark(hsl(${hue} 55% 24%), hsl(${hue} 45% 84%))`,
  } as React.CSSProperties;
  return (
    <span className="avatar" style={style}>
      {/\p{L}/u.test(name) ? <span aria-hidden="true">{initialsOf(name)}</span> : <Icon name="user" size={Math.round(size * 0.5)} />}
      {presence && (
        <span className="mark">
          <PresenceMark presence={presence} size={Math.max(10, Math.round(size * 0.33))} {...(id ? { id } : {})} />
        </span>
      )}
    </span>
  );
}
