/** The smallest store that works: a value, subscribers, and changes that keep identity where nothing changed. */

export class Store<T> {
  private readonly subscribers = new Set<() => void>();

  constructor(private value: T) {}

  get = (): T => this.value;

  set(next: T): void {
    if (Object.is(next, this.value)) return;
    this.value = next;
    for (const subscriber of [...this.subscribers]) subscriber();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  patch(part: Partial<T>): void {
    const keys = Object.keys(part) as (keyof T)[];
    if (keys.some((key) => !Object.is(this.value[key], part[key]))) this.set({ ...this.value, ...part });
  }

  subscribe = (subscriber: () => void): (() => void) => {
    this.subscribers.add(subscriber);
    return () => void this.subscribers.delete(subscriber);
  };
}
