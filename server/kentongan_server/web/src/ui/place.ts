import { say, word } from "../i18n/index.ts";
import type { Post } from "../model/types.ts";

/** The post's name, with its variant unless the name says that already: "Meja teller (meja)", "Pos jaga". */
export function placeOf(post: Post): string {
  const variant = word(say().variants, post.variant);
  return post.name.toLowerCase().startsWith(variant.toLowerCase()) ? post.name : `${post.name} (${variant})`;
}
