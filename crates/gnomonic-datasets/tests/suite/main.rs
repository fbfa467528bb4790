//! The crate from outside, as the command uses it: files on disk, a server on loopback, real data when it is given.

mod arrays;
mod bad_input;
mod bytes;
mod corpus;
mod limits;
mod messages;
mod mnist;
mod mutations;
mod offsets;
mod pipes;
mod quotes;
mod tables;
mod writers;
