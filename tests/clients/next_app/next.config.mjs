// EXTERNAL: the clients are loaded from node_modules at run time, instead of being part of a bundle.
const external = process.env.EXTERNAL ? process.env.EXTERNAL.split(",") : [];
export default { serverExternalPackages: external, turbopack: { root: process.env.PACKAGES } };
