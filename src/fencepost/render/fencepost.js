/* Tells a verdict that has grown old. Only the reader's browser knows how old it is: a site that nobody builds any
   more would stay green for ever. Without this script the date alone is shown. */
(() => {
  "use strict"

  const DAY = 24 * 60 * 60 * 1000

  function judge(time) {
    const box = time.closest("[data-fencepost-max-age]")
    const age = Math.floor((Date.now() - Date.parse(time.dateTime)) / DAY)
    const most = box && Number(box.dataset.fencepostMaxAge)
    if (!box || time.dataset.fencepostAge || !(age > most)) return
    time.dataset.fencepostAge = age
    const told = document.createElement("span")
    told.className = "fencepost-age"
    told.textContent = ` (${age} days ago)`
    time.after(told)
    for (const place of [time.closest("td"), time.closest("tr")?.querySelector("td[data-fencepost-standing]"), box]) {
      // What is bad news stays bad news, however old.
      if (place && ["verified", "partly"].includes(place.dataset.fencepostStanding)) {
        place.dataset.fencepostStanding = "old"
      }
    }
    if (box.matches("aside") && !box.querySelector(".fencepost-old")) {
      const note = document.createElement("p")
      note.className = "fencepost-old"
      note.textContent = `A check more than ${most} ${most === 1 ? "day" : "days"} old may not hold any more.`
      box.append(note)
    }
  }

  function judgeAll() {
    document.querySelectorAll("time[data-fencepost-checked]").forEach(judge)
  }

  // Material's instant navigation swaps pages without loading them.
  if (window.document$?.subscribe) window.document$.subscribe(judgeAll)
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", judgeAll)
  else judgeAll()
})()
