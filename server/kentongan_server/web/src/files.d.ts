// Files that the build copies; importing one gives its address.

declare module "*.svg" {
  const address: string;
  export default address;
}
