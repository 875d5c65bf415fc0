// What the widgets of a Studio flow are made into nodes with.
import type { Place } from "../document.ts";
import type { Making } from "../making.ts";
import type { Widget } from "./widget.ts";

export type StudioMaking = Making & {
  key: (path: string[]) => string;
  /** By their places. */
  widgets: ReadonlyMap<Place, Widget>;
  start: Widget | undefined;
  /** Keys of the replies that a text or a condition of the flow reads. */
  readsReply: ReadonlySet<string>;
};
