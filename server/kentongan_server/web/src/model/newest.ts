// Of questions that were asked one after another only the newest one's answer counts.

export class Newest {
  private asked = 0;

  /** A question is asked, and all before it are of no interest any more; the answer's own test whether it still counts. */
  ask(): () => boolean {
    const mine = (this.asked += 1);
    return () => mine === this.asked;
  }

  /** Nobody waits for an answer any more. */
  end(): void {
    this.asked += 1;
  }
}
