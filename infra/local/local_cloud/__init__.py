"""A local AWS: ministack, with what it lacks mended, and the image plane for EC2 and Image Builder."""
