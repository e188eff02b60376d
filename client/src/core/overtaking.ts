/** Answers that overtake each other: one that comes after the answer to a later question is not taken. Pure. */

export class Overtaking {
  #asked = 0;
  #taken = 0;

  /** A question; its number. */
  ask(): number {
    return ++this.#asked;
  }

  /** Whether the answer to this question is taken. */
  takes(question: number): boolean {
    if (question < this.#taken) return false;
    this.#taken = question;
    return true;
  }
}
