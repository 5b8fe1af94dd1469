import { say, word } from "../i18n/index.ts";
import type { Post } from "../model/types.ts";

/** The name alone. */
export function postName(post: Post | null): string {
  return post?.name ?? say().incident.noPost;
}

/** The post's name, with its variant unless the name says that already: "Meja teller (meja)", "Pos jaga". */
export function placeOf(post: Post | null): string {
  if (post === null) return say().incident.noPost;
  const variant = word(say().variants, post.variant);
  return post.name.toLowerCase().startsWith(variant.toLowerCase()) ? post.name : `${post.name} (${variant})`;
}
