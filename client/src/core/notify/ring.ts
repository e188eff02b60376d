/** The ring, made by WebAudio: no file to load, own volume, four pleasant kinds. */
import type { Settings } from "../settings";

interface Note {
  /** Hz. */
  pitch: number;
  /** Seconds from the start of the round. */
  at: number;
  length: number;
}

interface Melody {
  notes: readonly Note[];
  wave: OscillatorType;
  /** Seconds until it begins again. */
  every: number;
}

const MELODIES: Record<Exclude<Settings["ring"], "silent">, Melody> = {
  bell: {
    wave: "sine", every: 3.2,
    notes: [{ pitch: 659.3, at: 0, length: 0.9 }, { pitch: 880, at: 0.18, length: 1 }, { pitch: 1318.5, at: 0.36, length: 1.4 }],
  },
  chime: {
    wave: "triangle", every: 3.6,
    notes: [{ pitch: 523.3, at: 0, length: 0.7 }, { pitch: 659.3, at: 0.22, length: 0.7 }, { pitch: 784, at: 0.44, length: 0.7 }, { pitch: 1046.5, at: 0.66, length: 1.3 }],
  },
  pulse: {
    wave: "sine", every: 2.6,
    notes: [{ pitch: 740, at: 0, length: 0.18 }, { pitch: 740, at: 0.28, length: 0.18 }, { pitch: 988, at: 0.56, length: 0.4 }],
  },
};

export class Ringer {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  /** Starts ringing, or goes on; `silent` and volume 0 stay quiet. */
  start(kind: Settings["ring"], volume: number): void {
    if (this.timer !== null || kind === "silent" || volume <= 0) return;
    const melody = MELODIES[kind];
    this.play(melody, volume);
    this.timer = setInterval(() => this.play(melody, volume), melody.every * 1000);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** One round, for the settings page. */
  sample(kind: Settings["ring"], volume: number): void {
    if (kind !== "silent") this.play(MELODIES[kind], volume);
  }

  private play({ notes, wave }: Melody, volume: number): void {
    if (typeof AudioContext === "undefined") return;
    this.context ??= new AudioContext();
    const context = this.context;
    // Before the first click on the page browsers keep audio suspended; it is then silent and the banner has to do.
    void context.resume().catch(() => undefined);
    for (const note of notes) strike(context, note, wave, volume * 0.35);
  }
}

/** A struck tone: quick attack, long fade, a quiet octave above. */
function strike(context: AudioContext, { pitch, at, length }: Note, wave: OscillatorType, volume: number): void {
  const begin = context.currentTime + at;
  for (const [times, share] of [[1, 1], [2, 0.18]] as const) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.type = wave;
    tone.frequency.value = pitch * times;
    gain.gain.setValueAtTime(0.0001, begin);
    gain.gain.exponentialRampToValueAtTime(Math.max(0.0002, volume * share), begin + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + length);
    tone.connect(gain).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + length + 0.05);
  }
}
