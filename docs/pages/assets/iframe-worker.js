// Browsers start no worker from a page that was opened from disk. There, the site's search runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    #queue = [];
    #frame = document.createElement("iframe");

    constructor(url) {
      super();
      this.#frame.hidden = true;
      document.body.appendChild(this.#frame);
      const inner = this.#frame.contentWindow;
      inner.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      };
      const script = inner.document.createElement("script");
      script.src = url;
      script.onload = () => {
        const waiting = this.#queue;
        this.#queue = null;
        waiting.forEach((data) => this.#deliver(data));
      };
      inner.document.body.appendChild(script);
    }

    postMessage(data) {
      if (this.#queue) this.#queue.push(data);
      else this.#deliver(data);
    }

    terminate() {
      this.#frame.remove();
    }

    #deliver(data) {
      const inner = this.#frame.contentWindow;
      setTimeout(() => inner.dispatchEvent(new inner.MessageEvent("message", { data })));
    }
  };
}
