mod access;
mod describing;
mod life;
