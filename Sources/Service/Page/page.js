// The live connection to the server, and the page's parts.

import { events } from "./api.js";
import { startEstimator } from "./estimator.js";
import { showRuns } from "./runs.js";

const connection = document.getElementById("connection");
let runs;

/** Changed only when there is something new to say: screen readers read it aloud. */
function say(text, isLost) {
  if (connection.textContent !== text) connection.textContent = text;
  document.body.classList.toggle("lost", isLost);
}

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });

/** Follows the runs for ever. The server ends streams after a while; that is no loss. */
async function listen() {
  let wait = 1;
  for (;;) {
    try {
      for await (const data of events("events")) {
        wait = 1;
        say("Live", false);
        runs = JSON.parse(data).runs;
        showRuns(runs);
      }
      await pause(1);
    } catch (error) {
      say(`Connection lost at ${new Date().toLocaleTimeString("en-GB")}; trying again`, true);
      await pause(wait);
      wait = Math.min(2 * wait, 30);
    }
  }
}

startEstimator();
listen();
// So that a coordinator's silence shows, too.
setInterval(() => runs && showRuns(runs), 5000);
