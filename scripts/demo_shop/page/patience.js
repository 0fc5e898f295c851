/* Waits where the API says that it is busy. */

const MOST_ATTEMPTS = 6;
const LONGEST_WAIT_SECONDS = 60;

/**
 * The result of `action`, which is tried again while it is refused with a short wait. `tell(text, count)` gets
 * a text for each wait, and again each second with the seconds that are left. `action` must be harmless to
 * repeat: a submission keeps its idempotency key.
 */
export async function withPatience(action, tell, wait = countDown) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      const seconds = error.retryAfterSeconds;
      if (!(seconds <= LONGEST_WAIT_SECONDS) || attempt === MOST_ATTEMPTS) throw error;
      const text = `${error.message} Your list is kept here and sent again by itself …`;
      tell(text);
      // Not all customers that were sent away come back at the same moment.
      await wait(seconds * (1 + Math.random() / 2), (left) => {
        tell(text, `in ${left} s, attempt ${attempt + 1} of ${MOST_ATTEMPTS}`);
      });
    }
  }
}

/** Waits, and calls `onSecond` with the whole seconds that are left. */
async function countDown(seconds, onSecond) {
  for (let left = Math.ceil(seconds); left > 0; left -= 1) {
    onSecond(left);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
