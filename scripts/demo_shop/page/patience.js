/* Waits where the API says that it is busy. */

const MOST_ATTEMPTS = 6;
const LONGEST_WAIT_SECONDS = 60;

/**
 * The result of `action`, which is tried again while it is refused with a short wait. `tell` gets a text for
 * each wait. `action` must be harmless to repeat: a submission keeps its idempotency key.
 */
export async function withPatience(action, tell, wait = sleep) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      const seconds = error.retryAfterSeconds;
      if (!(seconds <= LONGEST_WAIT_SECONDS) || attempt === MOST_ATTEMPTS) throw error;
      tell(`${error.message} Your list is kept here and sent again by itself …`);
      // Not all customers that were sent away come back at the same moment.
      await wait(seconds * (1 + Math.random() / 2));
    }
  }
}

function sleep(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
