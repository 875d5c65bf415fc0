// What the widgets of a Studio flow are made into nodes with.
import type { Place } from "../document.ts";
import type { Making } from "../making.ts";
import type { Part } from "../report.ts";
import type { Piece } from "../words.ts";
import type { Widget } from "./widget.ts";

export type StudioMaking = Making & {
  key: (path: string[]) => string;
  /** The pieces of a text with Liquid in it; what differs is told to `part`. */
  read: (text: string, part: Part, field?: string) => Piece[];
  /** By their places. */
  widgets: ReadonlyMap<Place, Widget>;
  start: Widget | undefined;
};
