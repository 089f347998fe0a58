/* What needs the reader's browser. It marks old verdicts, since a site that isn't built any more would stay green for
   ever; it plays recordings, sorts tables and copies commands. Without it readers still have the dates, the runs as
   text, and the command in the page's header. */
(() => {
  "use strict"

  const DAY = 24 * 60 * 60 * 1000
  // The folder of this file, with everything else that Fencepost publishes.
  const HOME = new URL(".", document.currentScript.src).href

  function element(name, attributes, ...children) {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    made.append(...children)
    return made
  }

  /* Age */

  function markIfOld(time) {
    const box = time.closest("[data-fencepost-max-age]")
    const age = Math.floor((Date.now() - Date.parse(time.dateTime)) / DAY)
    const most = box && Number(box.dataset.fencepostMaxAge)
    if (!box || time.dataset.fencepostAge || !(age > most)) return
    time.dataset.fencepostAge = age
    time.after(element("span", { class: "fencepost-age" }, ` (${age} days ago)`))
    const own = time.closest("td, p")
    const verdict = own?.dataset.fencepostStanding ? own : time.closest("tr")?.querySelector("td[data-fencepost-standing]")
    for (const place of [verdict, box]) {
      // Bad news stays bad news, however old.
      if (place && ["verified", "partly"].includes(place.dataset.fencepostStanding)) {
        place.dataset.fencepostStanding = "old"
      }
    }
    if (box.matches("aside") && !box.querySelector(".fencepost-old")) {
      const limit = `${most} ${most === 1 ? "day" : "days"}`
      box.append(element("p", { class: "fencepost-old" }, `A check more than ${limit} old may not hold any more.`))
    }
  }

  /* Tables that can be sorted */

  function makeSortable(table) {
    if (table.dataset.fencepostSortable) return
    table.dataset.fencepostSortable = "true"
    const heads = [...table.tHead.rows[0].cells]
    heads.forEach((head, column) => {
      if (![...table.tBodies[0].rows].some(row => row.cells[column].dataset.fencepostSort)) return
      const button = element("button", { type: "button", class: "fencepost-sort" }, head.textContent)
      head.replaceChildren(button)
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending"
        heads.forEach(other => other.removeAttribute("aria-sort"))
        head.setAttribute("aria-sort", down ? "descending" : "ascending")
        sort(table, column, down ? -1 : 1)
      })
    })
  }

  function sort(table, column, direction) {
    const key = row => row.cells[column].dataset.fencepostSort ?? ""
    const number = text => (text === "" ? NaN : Number(text))
    const compare = (a, b) => {
      const [one, other] = [key(a), key(b)]
      const difference = number(one) - number(other)
      return direction * (isNaN(difference) ? one.localeCompare(other, "en") : difference)
    }
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare))
  }

  /* Recordings: the player is loaded when the first one is opened */

  let player
  let shown

  function close() {
    shown?.dispose()
    shown = undefined
    document.querySelectorAll(".fencepost-player").forEach(place => place.remove())
  }

  function load() {
    player ??= new Promise((done, failed) => {
      const style = element("link", { rel: "stylesheet", href: `${HOME}asciinema-player/asciinema-player.css` })
      const script = element("script", { src: `${HOME}asciinema-player/asciinema-player.min.js` })
      script.addEventListener("load", done)
      script.addEventListener("error", () => {
        player = undefined
        failed()
      })
      document.head.append(style, script)
    })
    return player
  }

  async function watch(link) {
    const tools = link.closest(".fencepost-tools")
    close()
    const place = element("div", { class: "fencepost-player", role: "region", "aria-label": "Recording of the run" })
    tools.append(place)
    place.scrollIntoView({ block: "nearest" })
    try {
      const [answer] = await Promise.all([fetch(new URL(link.dataset.fencepostCast, link.href)), load()])
      if (!answer.ok) throw new Error(answer.statusText)
      const data = await answer.text()
      const screen = element("div", {})
      const note = "What was printed is as recorded; typing and waiting are shaped to be watched."
      place.append(screen, element("p", { class: "fencepost-quiet" }, note, " ", ...steps(data, seek)))
      shown = window.AsciinemaPlayer.create({ data }, screen, {
        fit: "width", autoPlay: true, idleTimeLimit: 3, terminalFontFamily: "var(--md-code-font-family, monospace)",
      })
      function seek(time) {
        shown.seek(time).then(() => shown.play())
      }
      // So that space and the arrow keys work in the player.
      place.querySelector(".ap-wrapper")?.focus()
    } catch {
      // A page opened from a folder can't fetch files: show the run as text instead.
      close()
      location.assign(link.href)
    }
  }

  /* A list of steps to go to: the player's own markers can't be reached with the keyboard. */
  function steps(data, seek) {
    const markers = data.split("\n").slice(1).filter(Boolean).map(line => JSON.parse(line)).filter(event => event[1] === "m")
    if (!markers.length) return []
    const choice = element("select", { "aria-label": "Go to a step" }, element("option", { value: "" }, "Go to a step"))
    for (const [time, , label] of markers) choice.append(element("option", { value: time }, label))
    choice.addEventListener("change", () => choice.value && seek(Number(choice.value)))
    return [choice]
  }

  /* The command that opens a shell in the machine after a step */

  const QUOTED = id => (/^[\w.:-]+$/.test(id) ? id : `'${id.replaceAll("'", "'\\''")}'`)

  function offerShell(step, command) {
    const link = step.querySelector(".fencepost-link")
    if (!link || step.querySelector(".fencepost-shell")) return
    const id = decodeURIComponent(link.hash.slice(1))
    const text = `${command.replace(/MACHINE$/, step.dataset.fencepostMachine ?? "MACHINE")} --after ${QUOTED(id)}`
    const title = "Copy the command that opens a shell in the machine after this step"
    const button = element("button", { type: "button", class: "fencepost-shell", title, "aria-label": title }, ">_")
    button.addEventListener("click", async () => {
      step.querySelector(".fencepost-command")?.remove()
      let hint = "run it in a copy of this site's sources"
      try {
        await navigator.clipboard.writeText(text)
        hint = `copied; ${hint}`
      } catch {
        // Without the clipboard readers copy it by hand.
      }
      const shown = element("p", { class: "fencepost-command", role: "status" }, element("code", {}, text), ` (${hint})`)
      step.append(shown)
    })
    link.before(button)
  }

  function enhance() {
    document.querySelectorAll("time[data-fencepost-checked]").forEach(markIfOld)
    document.querySelectorAll(".fencepost-runs").forEach(makeSortable)
    const command = document.querySelector(".fencepost-header")?.dataset.fencepostShell
    if (command) document.querySelectorAll(".fencepost-step").forEach(step => offerShell(step, command))
  }

  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[data-fencepost-cast]")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    watch(link)
  })
  // Material's instant navigation swaps pages without loading them.
  if (window.document$?.subscribe) {
    window.document$.subscribe(() => {
      if (!document.querySelector(".fencepost-player")) close()
      enhance()
    })
  }
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", enhance)
  else enhance()
})()
